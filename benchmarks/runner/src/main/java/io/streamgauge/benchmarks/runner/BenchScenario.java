package io.streamgauge.benchmarks.runner;

/** What is done; warm-up and bursts in operations, a burst taking some 20 to 100 ms. */
enum BenchScenario {
  /** A unary call, in the process. */
  S1(250_000, 20_000, false),
  /** A round trip on a bidirectional stream, in the process. */
  S2(3_000_000, 100_000, false),
  /** A message of a server stream, Netty on loopback. */
  S3(1_000_000, 50_000, true),
  /** A unary call, Netty on loopback. */
  S4(25_000, 1_000, true);

  final int warmUp;
  final int burst;

  /** Over sockets; then warm-up takes more than one processor. */
  final boolean sockets;

  BenchScenario(int warmUp, int burst, boolean sockets) {
    this.warmUp = warmUp;
    this.burst = burst;
    this.sockets = sockets;
  }
}
