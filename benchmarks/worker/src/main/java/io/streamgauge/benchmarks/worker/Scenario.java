package io.streamgauge.benchmarks.worker;

import java.io.IOException;

/** Work of one kind, done as often as wanted. */
interface Scenario extends AutoCloseable {

  /** Does so many operations; returns when all are over. */
  void run(int operations) throws InterruptedException;

  @Override
  void close();

  /** Opens S1 … S4. */
  static Scenario open(String name, Subject subject) throws IOException {
    return switch (name) {
      case "S1" -> new UnaryScenario(subject, false);
      case "S2" -> new BidiScenario(subject);
      case "S3" -> new StreamScenario(subject);
      case "S4" -> new UnaryScenario(subject, true);
      default -> throw new IllegalArgumentException("no scenario " + name);
    };
  }
}
