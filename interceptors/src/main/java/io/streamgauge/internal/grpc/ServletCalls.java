package io.streamgauge.internal.grpc;

import io.grpc.ServerCall;

/**
 * Calls that a servlet container may serve. It tells of a caller that is gone by an exception,
 * which may as well be the application's own, and it may forget a call without telling gRPC's
 * tracers; no other server of grpc-java does either.
 */
final class ServletCalls {

  /** Whether gRPC's server for servlet containers is where the class of a call is. */
  private static final ClassValue<Boolean> BESIDE =
      new ClassValue<Boolean>() {
        @Override
        protected Boolean computeValue(Class<?> call) {
          return isThere(call, "jakarta.") || isThere(call, "");
        }

        private boolean isThere(Class<?> call, String flavour) {
          try {
            String name = "io.grpc.servlet." + flavour + "ServletServerBuilder";
            Class.forName(name, false, call.getClassLoader());
            return true;
          } catch (ClassNotFoundException | LinkageError e) {
            return false;
          }
        }
      };

  private ServletCalls() {}

  static boolean mayBe(ServerCall<?, ?> call) {
    return BESIDE.get(call.getClass());
  }
}
