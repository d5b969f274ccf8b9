package io.streamgauge.internal.tagging;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.testkit.fixture.UnitTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

@UnitTest
class TaggedTracesTest {

  private final TaggedTraces traces = new TaggedTraces();

  @Test
  void aTraceIsKnownWhileOneOfItsCallsIsServed() {
    long trace = 0x4bf92f3577b34da6L;
    assertThat(traces.contains(trace)).isFalse();
    assertThat(traces.add(trace)).isTrue();
    assertThat(traces.add(trace)).isTrue();
    traces.remove(trace);
    assertThat(traces.contains(trace)).isTrue();
    traces.remove(trace);
    assertThat(traces.contains(trace)).isFalse();
  }

  @Test
  void aTraceThatFindsItsPlaceTakenIsNotRemembered() {
    long first = 1L << 40;
    long other = sharing(first);
    assertThat(traces.add(first)).isTrue();
    assertThat(traces.add(other)).isFalse();
    assertThat(traces.contains(other)).isFalse();
    assertThat(traces.contains(first)).isTrue();
    traces.remove(first);
    assertThat(traces.add(other)).isTrue();
    assertThat(traces.contains(first)).isFalse();
  }

  /** Another trace at the same place. */
  private long sharing(long trace) {
    Random random = new Random(3);
    TaggedTraces probe = new TaggedTraces();
    probe.add(trace);
    long other = random.nextLong();
    while (probe.add(other)) {
      probe.remove(other);
      other = random.nextLong();
    }
    return other;
  }

  @Test
  void nothingIsLeftOfMany() {
    Random random = new Random(1);
    List<Long> added = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      long trace = random.nextLong();
      if (traces.add(trace)) {
        added.add(trace);
      }
    }
    assertThat(added).hasSizeGreaterThan(400);
    assertThat(added).allMatch(traces::contains);
    added.forEach(traces::remove);
    assertThat(added).noneMatch(traces::contains);
  }

  @Test
  void callsOfOneTraceOnSeveralThreadsAreAllCounted() throws InterruptedException {
    long trace = 0x1234567890abcdefL;
    int calls = 10_000;
    CountDownLatch together = new CountDownLatch(2);
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 2; t++) {
      Thread thread =
          new Thread(
              () -> {
                together.countDown();
                for (int i = 0; i < calls; i++) {
                  traces.add(trace);
                  traces.remove(trace);
                }
              });
      thread.start();
      threads.add(thread);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(traces.contains(trace)).isFalse();
  }
}
