package io.streamgauge.ordersync.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
    List<Verdict> verdicts;
    try (SqliteOrderStore store = SqliteOrderStore.open(directory.resolve("orders.db"))) {
      verdicts = store.apply(batch);
    }
    assertThat(verdicts)
        .containsExactly(Verdict.ACCEPTED, Verdict.ACCEPTED, Verdict.ILLEGAL_TRANSITION);

    try (SqliteOrderStore store = SqliteOrderStore.open(directory.resolve("orders.db"))) {
      assertThat(store.apply(batch)).isEqualTo(verdicts);
      assertThat(store.apply(List.of(update(4, "a", OrderStatus.SHIPPED))))
          .containsExactly(Verdict.ACCEPTED);
    }
    assertThat(historyRows()).isEqualTo(4);
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
