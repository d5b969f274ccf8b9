package io.streamgauge.ordersync.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** High mark 4, low mark 2. */
class BacklogTest {

  private final AtomicLong nanos = new AtomicLong();
  private final List<String> refused = new ArrayList<>();
  private volatile FlowLimits limits;

  private Backlog<Integer> backlog(OverflowPolicy policy) {
    limits = limits(policy);
    return new Backlog<>(
        () -> limits, nanos::get, (item, why) -> refused.add(item + " " + why.label()));
  }

  private static FlowLimits limits(OverflowPolicy policy) {
    return new FlowLimits(4, 2, policy, 100, 1, 1, 1);
  }

  private static List<Integer> drain(Backlog<Integer> backlog, int most) throws Exception {
    List<Integer> drained = new ArrayList<>();
    backlog.drainTo(drained, most, 0, TimeUnit.NANOSECONDS);
    return drained;
  }

  private static void offer(Backlog<Integer> backlog, int from, int to) {
    for (int i = from; i <= to; i++) {
      backlog.offer(i);
    }
  }

  @Test
  void whatComesWhileItIsFullIsRefusedDownToTheLowMark() throws Exception {
    Backlog<Integer> backlog = backlog(OverflowPolicy.REJECT_NEW);
    offer(backlog, 1, 5);
    assertThat(refused).containsExactly("5 rejected_new");
    assertThat(backlog.isFull()).isTrue();

    assertThat(drain(backlog, 1)).containsExactly(1);
    backlog.offer(6);
    assertThat(refused).hasSize(2);

    assertThat(drain(backlog, 1)).containsExactly(2);
    assertThat(backlog.isFull()).isFalse();
    backlog.offer(7);
    assertThat(drain(backlog, 9)).containsExactly(3, 4, 7);
    assertThat(refused).hasSize(2);
  }

  @Test
  void theOldestGoesForTheNewest() throws Exception {
    Backlog<Integer> backlog = backlog(OverflowPolicy.DROP_OLDEST);
    offer(backlog, 1, 6);
    assertThat(refused).containsExactly("1 dropped_oldest", "2 dropped_oldest");
    assertThat(drain(backlog, 9)).containsExactly(3, 4, 5, 6);
  }

  @Test
  void whatWaitsIsLetInInOrderOrRefusedInTime() throws Exception {
    Backlog<Integer> backlog = backlog(OverflowPolicy.BLOCK_UNTIL_DRAIN);
    offer(backlog, 1, 4);
    backlog.offer(5);
    nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(60));
    backlog.offer(6);
    assertThat(backlog.waiting()).isEqualTo(2);
    assertThat(backlog.depth()).isEqualTo(4);

    nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(50));
    backlog.expire();
    assertThat(refused).containsExactly("5 waited_too_long");

    assertThat(drain(backlog, 1)).containsExactly(1);
    assertThat(backlog.waiting()).isEqualTo(1);
    assertThat(drain(backlog, 1)).containsExactly(2);
    assertThat(backlog.waiting()).isZero();
    // What comes now is behind what waited.
    backlog.offer(7);
    assertThat(drain(backlog, 9)).containsExactly(3, 4, 6, 7);
  }

  @Test
  void limitsMayChangeWhileItIsFull() throws Exception {
    Backlog<Integer> backlog = backlog(OverflowPolicy.BLOCK_UNTIL_DRAIN);
    offer(backlog, 1, 5);
    limits = limits(OverflowPolicy.REJECT_NEW);
    backlog.offer(6);
    assertThat(refused).containsExactly("6 rejected_new");
    limits = new FlowLimits(100, 50, OverflowPolicy.REJECT_NEW, 100, 1, 1, 1);
    assertThat(drain(backlog, 1)).containsExactly(1);
    assertThat(drain(backlog, 9)).containsExactly(2, 3, 4, 5);
  }

  /** Each item is drained or refused, once; the depth is what is in it and never above the mark. */
  @ParameterizedTest
  @EnumSource
  void nothingIsLostOrDoubledInTenThousandOutcomes(OverflowPolicy policy) throws Exception {
    Backlog<Integer> backlog = backlog(policy);
    Random random = new Random(7);
    List<Integer> drained = new ArrayList<>();
    int items = 10_000;
    for (int i = 0; i < items; i++) {
      backlog.offer(i);
      assertThat(backlog.depth()).isBetween(0, 4);
      if (random.nextInt(3) == 0) {
        drained.addAll(drain(backlog, random.nextInt(4)));
      }
      nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(random.nextInt(40)));
      backlog.expire();
    }
    while (backlog.depth() + backlog.waiting() > 0) {
      drained.addAll(drain(backlog, 4));
    }
    assertThat(drained).isSorted().doesNotHaveDuplicates();
    assertThat(drained.size() + refused.size()).isEqualTo(items);
    assertThat(backlog.isFull()).isFalse();
  }
}
