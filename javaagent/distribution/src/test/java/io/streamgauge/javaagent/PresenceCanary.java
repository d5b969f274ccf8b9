package io.streamgauge.javaagent;

import io.streamgauge.testkit.fixture.Await;

/** Loads a class of gRPC and builds nothing. */
final class PresenceCanary {

  private PresenceCanary() {}

  public static void main(String[] args) throws Exception {
    Class.forName(args[0]);
    // The agent has a log of its own; its thread is gone when the line is out.
    Await.await()
        .until(
            () ->
                Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(thread -> thread.getName().equals("streamgauge-presence")));
  }
}
