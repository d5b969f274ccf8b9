package io.streamgauge.ordersync.cli;

/** Something the user can put right; printed as one line, exit code 2. */
final class CommandFailure extends Exception {

  private static final long serialVersionUID = 1L;

  CommandFailure(String message) {
    super(message);
  }

  CommandFailure(String message, Throwable cause) {
    super(message, cause);
  }
}
