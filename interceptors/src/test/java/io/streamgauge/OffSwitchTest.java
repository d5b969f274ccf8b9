package io.streamgauge;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCalls;
import io.prometheus.client.CollectorRegistry;
import io.streamgauge.contract.LibrarySubject;
import io.streamgauge.testkit.fixture.Gate;
import io.streamgauge.testkit.fixture.GateCases;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestPair;
import io.streamgauge.testkit.fixture.TestSeries;
import io.streamgauge.testkit.fixture.TestTransport;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The off switch while calls are being made (gate R14). */
@Gate("R14")
class OffSwitchTest {

  private static final int THREADS = 4;

  private final CollectorRegistry registry = new CollectorRegistry();

  /** Calls one after the other on some threads, until closed. */
  private static final class Load implements AutoCloseable {
    final LongAdder calls = new LongAdder();

    /** Calls that began and ended while it was off. */
    final LongAdder whileOff = new LongAdder();

    final Queue<RuntimeException> failed = new ConcurrentLinkedQueue<>();
    volatile boolean off;
    private volatile boolean over;
    private final List<Thread> threads;

    Load(ManagedChannel channel) {
      threads = Stream.generate(() -> new Thread(() -> run(channel))).limit(THREADS).toList();
      threads.forEach(Thread::start);
    }

    private void run(ManagedChannel channel) {
      while (!over) {
        boolean wasOff = off;
        try {
          String unused =
              ClientCalls.blockingUnaryCall(
                  channel, TestMethods.UNARY, CallOptions.DEFAULT, "hello");
        } catch (RuntimeException e) {
          failed.add(e);
        }
        calls.increment();
        if (wasOff && off) {
          whileOff.increment();
        }
      }
    }

    void awaitMore(LongAdder count, long more) {
      long before = count.sum();
      await().until(() -> count.sum() > before + more);
    }

    @Override
    public void close() throws InterruptedException {
      over = true;
      for (Thread thread : threads) {
        thread.join();
      }
    }
  }

  @Test
  void underLoadItTakesEffectOnTheNextCall() throws Exception {
    try (Streamgauge gauge = Streamgauge.builder().prometheus(registry).build();
        TestPair pair = TestPair.open(TestTransport.NETTY_SHADED, gauge::install, gauge::install)) {
      Load load = new Load(pair.channel());
      try (load) {
        load.awaitMore(load.calls, 500);
        for (int i = 0; i < 3; i++) {
          gauge.setEnabled(false);
          load.off = true;
          load.awaitMore(load.whileOff, 500);
          load.off = false;
          gauge.setEnabled(true);
          load.awaitMore(load.calls, 500);
        }
      }
      assertThat(load.failed).isEmpty();
      await().untilAsserted(() -> assertCounted(load));
      GateCases.add(load.calls.sum());
    }
  }

  /**
   * All but those that were made while it was off, and at each switch one a thread more or less.
   */
  private void assertCounted(Load load) {
    TestSeries seen = LibrarySubject.scrape(registry);
    long on = load.calls.sum() - load.whileOff.sum();
    for (String side : List.of("grpc_server", "grpc_client")) {
      double started = seen.sum(side + "_started_total");
      assertThat(started).as(side).isBetween((double) on - 6 * 2 * THREADS, (double) on);
      assertThat(seen.sum(side + "_handled_total")).as(side).isEqualTo(started);
    }
  }

  @Test
  void offAtStartNothingIsSeenOfALoad() throws Exception {
    try (Streamgauge gauge = Streamgauge.builder().prometheus(registry).enabled(false).build();
        TestPair pair = TestPair.open(TestTransport.NETTY_SHADED, gauge::install, gauge::install)) {
      Load load = new Load(pair.channel());
      try (load) {
        gauge.setEnabled(true); // too late: nothing was installed
        load.awaitMore(load.calls, 500);
      }
      assertThat(load.failed).isEmpty();
      assertThat(LibrarySubject.scrape(registry).sum("grpc_server_started_total")).isZero();
      assertThat(gauge.liveStreams()).isEmpty();
      GateCases.add(load.calls.sum());
    }
  }
}
