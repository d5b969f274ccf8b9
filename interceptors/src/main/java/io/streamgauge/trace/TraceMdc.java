package io.streamgauge.trace;

import io.streamgauge.guard.Guard;
import io.streamgauge.stream.StreamRecorder;
import io.streamgauge.wire.WireScope;
import org.slf4j.MDC;

/**
 * {@code trace_id}, {@code span_id} and {@code gray_tag} in SLF4J's MDC while the application's
 * callbacks run, and what was there before afterwards. Costs up to six map writes a callback, so it
 * is on only where asked for.
 */
public final class TraceMdc implements WireScope {

  private static final String SITE = "mdc";
  private static final String TRACE = "trace_id";
  private static final String SPAN = "span_id";
  private static final String TAG = "gray_tag";

  private final WireScope delegate;
  private final Guard guard;

  /**
   * Adds the MDC to another scope.
   *
   * @throws LinkageError if SLF4J is not there
   */
  public TraceMdc(WireScope delegate, Guard guard) {
    this.delegate = delegate;
    this.guard = guard;
    MDC.getMDCAdapter();
  }

  @Override
  public Object enter(StreamRecorder stream) {
    Entered entered = new Entered(delegate.enter(stream));
    try {
      entered.trace = MDC.get(TRACE);
      entered.span = MDC.get(SPAN);
      entered.tag = MDC.get(TAG);
      restore(TRACE, stream.traceId());
      restore(SPAN, stream.spanId());
      restore(TAG, stream.lane());
    } catch (Throwable t) {
      guard.swallow(SITE, t);
    }
    return entered;
  }

  @Override
  public void exit(Object scope) {
    Entered entered = (Entered) scope;
    try {
      restore(TRACE, entered.trace);
      restore(SPAN, entered.span);
      restore(TAG, entered.tag);
    } catch (Throwable t) {
      guard.swallow(SITE, t);
    }
    if (entered.inner != null) {
      delegate.exit(entered.inner);
    }
  }

  private static void restore(String key, String value) {
    if (value == null) {
      MDC.remove(key);
    } else {
      MDC.put(key, value);
    }
  }

  private static final class Entered {
    final Object inner;
    String trace;
    String span;
    String tag;

    Entered(Object inner) {
      this.inner = inner;
    }
  }
}
