package io.streamgauge.ordersync.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.streamgauge.ordersync.domain.OrderStatus;
import io.streamgauge.ordersync.domain.OrderUpdate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a client finds in its journal when it comes back. */
class JournalMemoryTest {

  @TempDir Path directory;
  private Path file;

  @BeforeEach
  void name() {
    file = directory.resolve("c-0.journal");
  }

  @Test
  void withoutAJournalThereIsNothing() throws IOException {
    assertThat(JournalMemory.read(file, "c-0")).isEqualTo(JournalMemory.NONE);
  }

  @Test
  void whatWasNotAnsweredIsKnownInOrder() throws IOException {
    Files.writeString(
        file,
        "sent 1 c-0-1 1 CREATED\nsent 2 c-0-2 1 CREATED\nack 1 accepted\nsent 3 c-0-1 2 PAID\n");

    JournalMemory memory = JournalMemory.read(file, "c-0");

    assertThat(memory.lastSequence()).isEqualTo(3);
    assertThat(memory.lastOrder()).isEqualTo(2);
    assertThat(memory.unanswered())
        .containsExactly(
            new OrderUpdate("c-0", 2, "c-0-2", 1, OrderStatus.CREATED),
            new OrderUpdate("c-0", 3, "c-0-1", 2, OrderStatus.PAID));
    assertThat(memory.open())
        .containsOnly(entry("c-0-1", OrderStatus.PAID), entry("c-0-2", OrderStatus.CREATED));

    OrderPlan plan = new OrderPlan("c-0", memory);
    OrderUpdate next = plan.next();
    assertThat(next.sequence()).isEqualTo(4);
    assertThat(next.version()).isGreaterThan(1);
  }

  @Test
  void aLineThatWasBeingWrittenIsCutOff() throws IOException {
    Files.writeString(file, "sent 1 c-0-1 1 CREATED\nsent 2 c-0-1 2 PA");

    assertThat(JournalMemory.read(file, "c-0").lastSequence()).isEqualTo(1);
    try (Journal journal = new Journal(file)) {
      journal.ack(1, true, "");
    }
    assertThat(Files.readString(file)).isEqualTo("sent 1 c-0-1 1 CREATED\nack 1 accepted\n");
    assertThat(JournalMemory.read(file, "c-0").unanswered()).isEqualTo(List.of());
  }

  @Test
  void whatIsNoJournalIsNamed() throws IOException {
    Files.writeString(file, "sent one c-0-1 1 CREATED\n");
    assertThatThrownBy(() -> JournalMemory.read(file, "c-0"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("c-0.journal");
  }
}
