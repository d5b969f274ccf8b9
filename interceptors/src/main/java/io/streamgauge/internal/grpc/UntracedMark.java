package io.streamgauge.internal.grpc;

import io.grpc.CallOptions;
import java.util.Arrays;

/**
 * Says in the options of a client call which gauges watch it without a tracer, so that a second
 * interceptor leaves it alone. It is made only where there may be a second one: it costs as much as
 * a tracer's factory does.
 */
public final class UntracedMark {

  private static final CallOptions.Key<CallHooks[]> KEY =
      CallOptions.Key.create("streamgauge-untraced");

  private UntracedMark() {}

  static CallOptions add(CallOptions options, CallHooks hooks) {
    CallHooks[] before = options.getOption(KEY);
    CallHooks[] all = before == null ? new CallHooks[1] : Arrays.copyOf(before, before.length + 1);
    all[all.length - 1] = hooks;
    return options.withOption(KEY, all);
  }

  static boolean isOf(CallOptions options, CallHooks hooks) {
    CallHooks[] all = options.getOption(KEY);
    for (int i = 0; all != null && i < all.length; i++) {
      if (all[i] == hooks) {
        return true;
      }
    }
    return false;
  }

  /** Whether a gauge of this class loader watches calls with these options without a tracer. */
  public static boolean isIn(CallOptions options) {
    return options.getOption(KEY) != null;
  }
}
