package io.streamgauge.ordersync.domain;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OrderRulesTest {

  private static OrderUpdate update(long version, OrderStatus status) {
    return new OrderUpdate("client", 1, "order", version, status);
  }

  @Test
  void anOrderMovesOneStepAtATime() {
    OrderState state = null;
    for (OrderStatus status : OrderStatus.values()) {
      assertThat(OrderRules.judge(state, update(status.version(), status)))
          .isEqualTo(Verdict.ACCEPTED);
      state = new OrderState(status, status.version());
    }
  }

  @Test
  void everyOtherStepIsRefused() {
    for (OrderStatus from : OrderStatus.values()) {
      for (OrderStatus to : OrderStatus.values()) {
        Verdict verdict =
            OrderRules.judge(new OrderState(from, from.version()), update(from.version() + 1, to));
        assertThat(verdict == Verdict.ACCEPTED)
            .as("%s to %s", from, to)
            .isEqualTo(to == from.next());
      }
    }
    assertThat(OrderRules.judge(null, update(2, OrderStatus.PAID)))
        .isEqualTo(Verdict.ILLEGAL_TRANSITION);
  }

  @Test
  void aVersionThatIsNotNewerIsStale() {
    OrderState shipped = new OrderState(OrderStatus.SHIPPED, 3);
    assertThat(OrderRules.judge(shipped, update(3, OrderStatus.DELIVERED)))
        .isEqualTo(Verdict.STALE_VERSION);
    assertThat(OrderRules.judge(shipped, update(1, OrderStatus.CREATED)))
        .isEqualTo(Verdict.STALE_VERSION);
    assertThat(OrderRules.judge(shipped, update(9, OrderStatus.DELIVERED)))
        .isEqualTo(Verdict.ILLEGAL_TRANSITION);
  }

  @Test
  void missingFieldsAreInvalid() {
    assertThat(OrderRules.wellFormed(new OrderUpdate("", 1, "o", 1, OrderStatus.CREATED)))
        .isEqualTo(Verdict.INVALID);
    assertThat(OrderRules.wellFormed(new OrderUpdate("c", 0, "o", 1, OrderStatus.CREATED)))
        .isEqualTo(Verdict.INVALID);
    assertThat(OrderRules.wellFormed(new OrderUpdate("c", 1, "", 1, OrderStatus.CREATED)))
        .isEqualTo(Verdict.INVALID);
    assertThat(OrderRules.wellFormed(new OrderUpdate("c", 1, "o", 1, null)))
        .isEqualTo(Verdict.INVALID);
    assertThat(OrderRules.wellFormed(update(1, OrderStatus.CREATED))).isEqualTo(Verdict.ACCEPTED);
  }

  @Test
  void aNameIsShortAndOneLineOfText() {
    assertThat(OrderRules.isName("shop-1/ordre-é")).isTrue();
    assertThat(OrderRules.isName("x".repeat(OrderRules.MAX_NAME))).isTrue();
    assertThat(OrderRules.isName("x".repeat(OrderRules.MAX_NAME + 1))).isFalse();
    assertThat(OrderRules.isName("")).isFalse();
    assertThat(OrderRules.isName("a\0b")).isFalse();
    assertThat(OrderRules.isName("a\nb")).isFalse();
  }

  @Test
  void aStrangersTimeDoesNotTurnTheClockOver() {
    LamportClock clock = new LamportClock();
    assertThat(clock.merge(Long.MAX_VALUE)).isPositive();
    assertThat(clock.tick()).isPositive();
    assertThat(clock.merge(-5)).isPositive();
  }
}
