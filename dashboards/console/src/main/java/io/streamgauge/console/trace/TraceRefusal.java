package io.streamgauge.console.trace;

import java.io.IOException;

/** Why a request is not taken, as its answer says it. */
final class TraceRefusal extends IOException {

  private static final long serialVersionUID = 1;

  private final int status;

  private TraceRefusal(int status, String message) {
    super(message);
    this.status = status;
  }

  /** It is above a limit, and would be if sent again. */
  static TraceRefusal tooLarge(String message) {
    return new TraceRefusal(413, message);
  }

  /** Others' requests are in the way. */
  static TraceRefusal busy(String message) {
    return new TraceRefusal(503, message);
  }

  int status() {
    return status;
  }
}
