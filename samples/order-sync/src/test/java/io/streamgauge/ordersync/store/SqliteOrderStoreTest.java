package io.streamgauge.ordersync.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.streamgauge.ordersync.domain.Answer;
import io.streamgauge.ordersync.domain.OrderStatus;
import io.streamgauge.ordersync.domain.OrderStore.StoreException;
import io.streamgauge.ordersync.domain.OrderUpdate;
import io.streamgauge.ordersync.domain.Verdict;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteOrderStoreTest {

  @TempDir Path directory;

  private static OrderUpdate update(long sequence, String order, OrderStatus status) {
    return new OrderUpdate("client", sequence, order, status.version(), status);
  }

  private long historyRows() throws Exception {
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("orders.db"));
        ResultSet rows =
            connection.createStatement().executeQuery("SELECT count(*) FROM history")) {
      return rows.getLong(1);
    }
  }

  @Test
  void whatWasAppliedIsThereAfterAReopenAndARepeatChangesNothing() throws Exception {
    List<OrderUpdate> batch =
        List.of(
            update(1, "a", OrderStatus.CREATED),
            update(2, "a", OrderStatus.PAID),
            update(3, "a", OrderStatus.DELIVERED));
    List<Answer> answers;
    try (SqliteOrderStore store = SqliteOrderStore.open(directory.resolve("orders.db"))) {
      answers = store.apply(batch);
    }
    assertThat(answers).allMatch(Answer::fresh);
    assertThat(answers)
        .extracting(Answer::verdict)
        .containsExactly(Verdict.ACCEPTED, Verdict.ACCEPTED, Verdict.ILLEGAL_TRANSITION);

    try (SqliteOrderStore store = SqliteOrderStore.open(directory.resolve("orders.db"))) {
      assertThat(store.apply(batch))
          .noneMatch(Answer::fresh)
          .extracting(Answer::verdict)
          .containsExactlyElementsOf(answers.stream().map(Answer::verdict).toList());
      assertThat(store.apply(List.of(update(4, "a", OrderStatus.SHIPPED))))
          .containsExactly(new Answer(Verdict.ACCEPTED, true));
    }
    assertThat(historyRows()).isEqualTo(4);
  }

  /** After a failed batch later updates may still be queued; they must not overtake it. */
  @Test
  void anUpdateWhosePredecessorIsMissingIsNotAnsweredAndNotRemembered() throws Exception {
    try (SqliteOrderStore store = SqliteOrderStore.open(directory.resolve("orders.db"))) {
      assertThat(store.apply(List.of(update(2, "a", OrderStatus.PAID))))
          .containsExactly(new Answer(Verdict.OUT_OF_SEQUENCE, false));
      assertThat(
              store.apply(
                  List.of(update(1, "a", OrderStatus.CREATED), update(2, "a", OrderStatus.PAID))))
          .containsExactly(new Answer(Verdict.ACCEPTED, true), new Answer(Verdict.ACCEPTED, true));
    }
  }

  @Test
  void anInvalidUpdateTakesItsPlaceInTheSequenceAndNothingElse() throws Exception {
    try (SqliteOrderStore store = SqliteOrderStore.open(directory.resolve("orders.db"))) {
      OrderUpdate invalid = new OrderUpdate("client", 1, "", 1, OrderStatus.CREATED);
      assertThat(store.apply(List.of(invalid, update(2, "a", OrderStatus.CREATED))))
          .containsExactly(new Answer(Verdict.INVALID, true), new Answer(Verdict.ACCEPTED, true));
      assertThat(store.apply(List.of(invalid))).containsExactly(new Answer(Verdict.INVALID, false));
    }
    assertThat(historyRows()).isEqualTo(1);
  }

  @Test
  void theDatabaseIsWrittenAheadAndSynced() throws Exception {
    try (SqliteOrderStore store = SqliteOrderStore.open(directory.resolve("orders.db"))) {
      store.apply(List.of(update(1, "a", OrderStatus.CREATED)));
      assertThat(directory.resolve("orders.db-wal")).exists();
    }
  }

  @Test
  void aPathThatCannotBeUsedIsNamed() {
    Path missing = directory.resolve("no/such/directory/orders.db");
    assertThatThrownBy(() -> SqliteOrderStore.open(missing))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining(missing.toString());
    assertThatThrownBy(() -> SqliteOrderStore.open(directory))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining(directory.toString());
  }
}
