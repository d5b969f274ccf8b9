package io.streamgauge.benchmarks.runner;

/** What is done; warm-up and bursts in operations, a burst taking some 20 to 100 ms. */
enum BenchScenario {
  S1("unary call, in the process", 250_000, 20_000, false),
  S2("round trip on a bidirectional stream, in the process", 3_000_000, 100_000, false),
  S3("message of a server stream, Netty on loopback", 1_000_000, 50_000, true),
  S4("unary call, Netty on loopback", 25_000, 1_000, true);

  final String title;
  final int warmUp;
  final int burst;

  /** Over sockets; then warm-up takes more than one processor. */
  final boolean sockets;

  BenchScenario(String title, int warmUp, int burst, boolean sockets) {
    this.title = title;
    this.warmUp = warmUp;
    this.burst = burst;
    this.sockets = sockets;
  }
}
