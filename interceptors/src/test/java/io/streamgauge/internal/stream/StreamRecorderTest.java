package io.streamgauge.internal.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.CallSide;
import io.streamgauge.Timing;
import io.streamgauge.internal.guard.Guard;
import io.streamgauge.testkit.fixture.Await;
import io.streamgauge.testkit.fixture.UnitTest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

@UnitTest
class StreamRecorderTest {

  private final List<String> heard = new ArrayList<>();
  private final StreamRecorder stream = new StreamRecorder(CallSide.SERVER, env(listener(heard)));

  private static StreamEnvironment env(StreamListener listener) {
    return new StreamEnvironment(new Guard(), () -> 0, listener, Timing.SAMPLED);
  }

  private static StreamListener listener(List<String> heard) {
    return new StreamListener() {
      @Override
      public void started(StreamRecorder stream) {
        heard.add("started");
      }

      @Override
      public void ended(StreamRecorder stream, long nowNanos) {
        heard.add("ended " + stream.code());
      }
    };
  }

  /** What the transport would have told of a call without a tracer is not made up. */
  @Test
  void howAnAbandonedCallEndedIsUnknownWithoutATracer() {
    StreamRecorder call = new StreamRecorder(CallSide.CLIENT, env(listener(heard)));
    call.claim(TestStreams.UNARY);
    call.start(null);
    call.endUntold();
    StreamRecorder cancelled = new StreamRecorder(CallSide.CLIENT, env(listener(heard)));
    cancelled.claim(TestStreams.UNARY);
    cancelled.start(null);
    cancelled.onCancelled();
    cancelled.endUntold();
    StreamRecorder traced = new StreamRecorder(CallSide.CLIENT, env(listener(heard)));
    traced.traced();
    traced.claim(TestStreams.UNARY);
    traced.start(null);
    traced.endUntold();

    assertThat(heard)
        .containsExactly("started", "ended 2", "started", "ended 1", "started", "ended 1");
  }

  /** By then the stream leaves the list of open ones: a scrape must find its messages. */
  @Test
  void theMessagesOfAStreamAreInItsTotalsBeforeItsEndIsTold() {
    List<Long> known = new ArrayList<>();
    AtomicLong received = new AtomicLong();
    StreamRecorder counted =
        new StreamRecorder(
            CallSide.SERVER,
            env(
                new StreamListener() {
                  @Override
                  public void ended(StreamRecorder stream, long nowNanos) {
                    known.add(received.get());
                  }
                }));
    counted.claim(TestStreams.BIDI);
    counted.totals(
        new StreamTotals() {
          @Override
          public void messages(long sent, long delivered) {
            received.addAndGet(delivered);
          }

          @Override
          public void wireBytes(long out, long in) {}

          @Override
          public void blocked(long blockedNanos, long ignored) {}
        });
    counted.start(null);
    counted.onDeliver();
    counted.onDeliver();
    counted.end(0, null);

    assertThat(known).containsExactly(2L);
    assertThat(received).hasValue(2);
  }

  @Test
  void theFirstEndWinsAndIsTheOnlyOne() {
    stream.claim(WatchedMethod.OTHER);
    stream.start(null);
    stream.end(5, "not found");
    stream.end(0, null);
    stream.end(1, "cancelled");

    assertThat(heard).containsExactly("started", "ended 5");
    assertThat(stream.description()).isEqualTo("not found");
  }

  @Test
  void anEndBeforeTheStartTellsBothInOrderAndTheStartIsRefused() {
    stream.end(1, null);

    assertThat(stream.claim(WatchedMethod.OTHER)).isFalse();
    assertThat(heard).containsExactly("started", "ended 1");
  }

  @Test
  void startAndEndRacingOnManyThreadsTellEachExactlyOnce() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      for (int round = 0; round < 5_000; round++) {
        AtomicInteger live = new AtomicInteger();
        AtomicInteger ends = new AtomicInteger();
        StreamRecorder raced = new StreamRecorder(CallSide.SERVER, env(counting(live, ends)));
        CyclicBarrier together = new CyclicBarrier(4);
        List<Future<?>> tasks = new ArrayList<>();
        tasks.add(pool.submit(() -> meet(together, () -> begin(raced))));
        for (int code = 0; code < 3; code++) {
          int ending = code;
          tasks.add(pool.submit(() -> meet(together, () -> raced.end(ending, null))));
        }
        for (Future<?> task : tasks) {
          Await.get(task);
        }
        assertThat(live.get()).isZero();
        assertThat(ends.get()).isEqualTo(1);
      }
    } finally {
      pool.shutdownNow();
    }
  }

  private static void begin(StreamRecorder stream) {
    if (stream.claim(WatchedMethod.OTHER)) {
      stream.start(null);
    }
  }

  @Test
  void anEndBetweenClaimAndStartWaitsForTheStart() {
    stream.claim(WatchedMethod.OTHER);
    stream.end(4, null);
    assertThat(heard).isEmpty();
    stream.start(null);

    assertThat(heard).containsExactly("started", "ended 4");
  }

  private static StreamListener counting(AtomicInteger live, AtomicInteger ends) {
    return new StreamListener() {
      @Override
      public void started(StreamRecorder stream) {
        live.incrementAndGet();
      }

      @Override
      public void ended(StreamRecorder stream, long nowNanos) {
        // An end told before its start would leave this below zero for good.
        if (live.decrementAndGet() < 0) {
          throw new AssertionError("ended before it started");
        }
        ends.incrementAndGet();
      }
    };
  }

  private static void meet(CyclicBarrier together, Runnable then) {
    try {
      together.await();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    then.run();
  }

  @Test
  void countsAfterTheEndReachTheTotalsWhenTheyAreSettled() {
    long[] totals = new long[2];
    long[] bytes = new long[1];
    stream.totals(
        new StreamTotals() {
          @Override
          public void messages(long sent, long received) {
            totals[0] += sent;
            totals[1] += received;
          }

          @Override
          public void wireBytes(long out, long in) {
            bytes[0] += out;
          }

          @Override
          public void blocked(long blockedNanos, long ignored) {}
        });
    stream.claim(WatchedMethod.OTHER);
    stream.start(null);
    stream.onDeliver();
    stream.end(1, null);
    stream.onDeliver();
    stream.settle();
    stream.settle();

    assertThat(totals).containsExactly(0, 2);
    // A message was being framed while the stream was reset: bytes without another message.
    stream.onWireOut(100);
    stream.settle();
    assertThat(bytes).containsExactly(100);
  }

  @Test
  void theFurthestAttemptDecidesTheConnectDepthAndItIsNeverNegative() {
    StreamRecorder client = new StreamRecorder(CallSide.CLIENT, env(listener(heard)));
    client.traced();
    for (int i = 0; i < 10; i++) {
      client.onSend();
    }
    TransportAttempt first = client.openAttempt();
    for (int i = 0; i < 7; i++) {
      first.onFramed();
    }
    TransportAttempt hedge = client.openAttempt();
    hedge.onFramed();

    assertThat(client.connectDepth()).isEqualTo(3);
    client.closeAttempt(first, 14);
    assertThat(client.connectDepth()).isEqualTo(3);
    for (int i = 0; i < 11; i++) {
      hedge.onFramed();
    }
    assertThat(client.connectDepth()).isZero();
  }

  @Test
  void withoutTracersDepthsBeforeTheApplicationAreUnknownNotZero() {
    assertThat(stream.executorDepth()).isEqualTo(StreamRecorder.UNKNOWN);
    assertThat(stream.connectDepth()).isEqualTo(StreamRecorder.UNKNOWN);
  }
}
