package io.streamgauge.internal.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.CallSide;
import io.streamgauge.StallCause;
import io.streamgauge.Timing;
import io.streamgauge.internal.guard.Guard;
import io.streamgauge.testkit.fixture.UnitTest;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What the watch remembers of a stream, from its first look to the stream's end. */
@UnitTest
class StallStateTest {

  private static final int RACES = 2_000;

  private final AtomicInteger stalled = new AtomicInteger();
  private final AtomicInteger resumed = new AtomicInteger();

  private StreamRecorder open() {
    StreamListener listener =
        new StreamListener() {
          @Override
          public void stalled(StreamRecorder stream, StallCause cause) {
            stalled.incrementAndGet();
          }

          @Override
          public void resumed(StreamRecorder stream, StallCause cause, long nanos) {
            resumed.incrementAndGet();
          }
        };
    StreamRecorder stream =
        new StreamRecorder(
            CallSide.SERVER,
            new StreamEnvironment(new Guard(), () -> 50, listener, Timing.SAMPLED));
    stream.claim(WatchedMethod.OTHER);
    stream.start(null);
    return stream;
  }

  @Test
  void beforeTheFirstLookAStreamMovedWhenItBegan() {
    StreamRecorder stream = open();

    assertThat(stream.movedNanos()).isEqualTo(50);
    assertThat(stream.cause()).isNull();
    assertThat(stream.stalledNanos()).isZero();
    assertThat(stream.isEndedLate()).isFalse();
    assertThat(stream.stillNanos(80, 0)).as("the first look").isEqualTo(StreamRecorder.UNKNOWN);
    assertThat(stream.stillNanos(95, 0)).isEqualTo(15);
    assertThat(stream.movedNanos()).isEqualTo(80);
  }

  @Test
  void aStreamThatHasEndedStandsStillForNothing() {
    StreamRecorder stream = open();
    stream.end(0, null);
    stream.found(StallCause.NO_DEMAND, 90);

    assertThat(stream.cause()).isNull();
    assertThat(stalled).hasValue(0);
  }

  /** The look stores its state and then reads the end's; the end stores its own and then reads. */
  @Test
  void aFirstLookThatMeetsTheEndLeavesNoStall() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    CyclicBarrier together = new CyclicBarrier(2);
    try {
      for (int i = 0; i < RACES; i++) {
        StreamRecorder stream = open();
        Future<?> look =
            threads.submit(
                () -> {
                  together.await();
                  stream.found(StallCause.NO_DEMAND, 90);
                  return null;
                });
        Future<?> end =
            threads.submit(
                () -> {
                  together.await();
                  stream.end(0, null);
                  return null;
                });
        look.get();
        end.get();
        assertThat(stream.cause()).isNull();
        assertThat(resumed.get()).isEqualTo(stalled.get());
      }
    } finally {
      threads.shutdown();
    }
  }
}
