package io.streamgauge.benchmarks.worker;

import java.io.IOException;

/** Work of one kind, done as often as wanted. */
interface Scenario extends AutoCloseable {

  /** Does so many operations; returns when all are over. */
  void run(int operations) throws InterruptedException;

  @Override
  void close();

  /** Opens the scenario of that name. */
  static Scenario open(String name, Subject subject) throws IOException {
    Shape unary = Shape.of(name);
    if (unary != null) {
      return new UnaryScenario(subject, unary);
    }
    return switch (name) {
      case "S2" -> new BidiScenario(subject);
      case "S3" -> new StreamScenario(subject);
      default -> throw new IllegalArgumentException("no scenario " + name);
    };
  }
}
