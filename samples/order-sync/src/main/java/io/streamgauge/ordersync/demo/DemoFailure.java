package io.streamgauge.ordersync.demo;

import java.io.IOException;

/** The system could not be started; the message is one line for the user. */
public final class DemoFailure extends IOException {

  private static final long serialVersionUID = 1L;

  DemoFailure(String message) {
    super(message);
  }
}
