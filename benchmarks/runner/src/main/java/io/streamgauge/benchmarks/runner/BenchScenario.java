package io.streamgauge.benchmarks.runner;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/** What is done; warm-up and bursts in operations, a burst taking some 20 to 100 ms. */
enum BenchScenario {
  /** A unary call, in the process. */
  S1(Table.CALLS, 250_000, 20_000, false),
  /** A round trip on a bidirectional stream, in the process. */
  S2(Table.CALLS, 3_000_000, 100_000, false),
  /** A message of a server stream, Netty on loopback. */
  S3(Table.CALLS, 1_000_000, 50_000, true),
  /** A unary call, Netty on loopback. */
  S4(Table.CALLS, 25_000, 1_000, true),
  /** S1 of two callers at once, of one method. */
  C2(Table.LOAD, 250_000, 20_000, false),
  /** S1 of eight callers at once, of one method. */
  C8(Table.LOAD, 250_000, 20_000, false),
  /** S4 with messages of 4 KB. */
  N4K(Table.LOAD, 25_000, 1_000, true),
  /** S4 with messages of 64 KB. */
  N64K(Table.LOAD, 10_000, 500, true),
  /** S4 over TLS. */
  TLS(Table.LOAD, 25_000, 1_000, true),
  /** S4 with gRPC's default executors. */
  EXEC(Table.LOAD, 25_000, 1_000, true),
  /** S4 with a virtual thread for each callback, on JDK 25. */
  VT(Table.LOAD, 25_000, 1_000, true);

  /** Which table of the document the scenario is in. */
  enum Table {
    CALLS,
    LOAD
  }

  final Table table;
  final int warmUp;
  final int burst;

  /** Over sockets; then warm-up takes more than one processor. */
  final boolean sockets;

  BenchScenario(Table table, int warmUp, int burst, boolean sockets) {
    this.table = table;
    this.warmUp = warmUp;
    this.burst = burst;
    this.sockets = sockets;
  }

  /** Whether it needs JDK 25. */
  boolean needsJava25() {
    return this == VT;
  }

  static Set<BenchScenario> of(Table table) {
    Set<BenchScenario> all = EnumSet.noneOf(BenchScenario.class);
    Arrays.stream(values()).filter(each -> each.table == table).forEach(all::add);
    return Collections.unmodifiableSet(all);
  }
}
