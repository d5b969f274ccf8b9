package io.streamgauge.internal.context;

import io.opentelemetry.context.Context;
import io.streamgauge.internal.guard.CallPath;
import io.streamgauge.internal.stream.ContextSlot;
import io.streamgauge.internal.stream.StreamRecorder;

/**
 * The OpenTelemetry contexts of one call. Written before the stream starts, by the one thread that
 * has it then; later readers find the values through the start of the stream.
 */
public final class CallContext implements ContextSlot {

  private Context callbacks;
  private Context measured;

  private CallContext() {}

  /** What is to be current while the application's callbacks run, or null. */
  @CallPath
  public static Context callbacks(StreamRecorder stream) {
    CallContext known = of(stream.contextSlot());
    return known == null ? null : known.callbacks;
  }

  /** What is to be current while the application's callbacks run. */
  public static void callbacks(StreamRecorder stream, Context context) {
    made(stream).callbacks = context;
  }

  /** A context with the stream's own span in it, under which values are recorded. */
  public static void measured(StreamRecorder stream, Context context) {
    made(stream).measured = context;
  }

  /** The same, or null where the stream has no span. */
  public static Context measured(StreamRecorder stream) {
    return measured(stream.contextSlot());
  }

  /** The same of a slot, which may be null. */
  public static Context measured(ContextSlot slot) {
    CallContext known = of(slot);
    return known == null ? null : known.measured;
  }

  private static CallContext of(ContextSlot slot) {
    return (CallContext) slot;
  }

  private static CallContext made(StreamRecorder stream) {
    CallContext known = of(stream.contextSlot());
    if (known == null) {
      known = new CallContext();
      stream.contextSlot(known);
    }
    return known;
  }
}
