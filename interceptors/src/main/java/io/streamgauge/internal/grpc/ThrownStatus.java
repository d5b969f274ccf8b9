package io.streamgauge.internal.grpc;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/**
 * The status a caller is told when a callback of the application throws. gRPC makes {@code UNKNOWN}
 * of any exception; an interceptor between gRPC and ours, or another server, may send the status
 * that the exception carries. Which of them is on the stack decides.
 */
final class ThrownStatus {

  /** Of gRPC's own interceptor that sends the status of an exception. */
  private static final String TRANSMITTER =
      "io.grpc.util.TransmitStatusRuntimeExceptionInterceptor";

  /** Armeria runs gRPC's services without gRPC's server. */
  private static final String ARMERIA = "com.linecorp.armeria.";

  private static final String GRPC = "io.grpc.internal.";

  private ThrownStatus() {}

  /** Called by our listener, on the thread and below the frames that get the exception next. */
  static Status statusOf(Throwable thrown) {
    if (thrown instanceof StatusRuntimeException) {
      for (StackTraceElement frame : new Throwable().getStackTrace()) {
        String type = frame.getClassName();
        if (type.startsWith(TRANSMITTER) || type.startsWith(ARMERIA)) {
          return ((StatusRuntimeException) thrown).getStatus();
        }
        if (type.startsWith(GRPC)) {
          break;
        }
      }
    }
    return Status.UNKNOWN;
  }
}
