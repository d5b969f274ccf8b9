package io.streamgauge.ordersync.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.ordersync.domain.OrderStatus;
import io.streamgauge.ordersync.domain.OrderUpdate;
import java.util.List;
import org.junit.jupiter.api.Test;

class UpdateWindowTest {

  private final UpdateWindow window = new UpdateWindow(List.of(update(3), update(1), update(2)));

  private static OrderUpdate update(long sequence) {
    return new OrderUpdate("c", sequence, "o-" + sequence, 1, OrderStatus.CREATED);
  }

  private void send() {
    window.sent(window.next(), 0);
  }

  @Test
  void whatAJournalRemembersIsSentInOrderAsTheWindowAllows() {
    assertThat(window.next().sequence()).isEqualTo(1);
    send();
    send();
    assertThat(window.hasRoom(2)).isFalse();
    assertThat(window.answered(1, 5)).isEqualTo(5);
    assertThat(window.settle(1)).isEqualTo(update(1));
    assertThat(window.settle(1)).isNull();
    assertThat(window.hasRoom(2)).isTrue();
    assertThat(window.next().sequence()).isEqualTo(3);
  }

  @Test
  void afterARefusalItWaitsForAllAnswersAndBeginsWithTheOldest() {
    send();
    send();
    window.answered(1, 0);
    window.rewind();
    assertThat(window.hasRoom(2)).isFalse();
    assertThat(window.rewound()).isFalse();
    window.answered(2, 0);
    assertThat(window.rewound()).isTrue();
    assertThat(window.rewound()).isFalse();
    assertThat(window.next().sequence()).isEqualTo(1);
  }

  @Test
  void aNewStreamBeginsWithTheOldest() {
    send();
    window.rewind();
    window.restart();
    assertThat(window.hasRoom(2)).isTrue();
    assertThat(window.next().sequence()).isEqualTo(1);
    assertThat(window.answered(1, 0)).isNegative();
  }
}
