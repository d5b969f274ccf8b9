package io.streamgauge.ordersync.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.streamgauge.ordersync.domain.OrderStatus;
import io.streamgauge.ordersync.domain.OrderUpdate;
import io.streamgauge.ordersync.store.JdbcOrderStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A clean history passes; one that was tampered with does not. */
class HistoryCheckerTest {

  @TempDir Path directory;
  private Path database;
  private Path journal;

  @BeforeEach
  void write() throws Exception {
    database = directory.resolve("orders.db");
    journal = directory.resolve("client.journal");
    try (JdbcOrderStore store = JdbcOrderStore.open(database.toString())) {
      store.apply(
          List.of(
              new OrderUpdate("client", 1, "a", 1, OrderStatus.CREATED),
              new OrderUpdate("client", 2, "a", 2, OrderStatus.PAID)),
          List.of());
    }
    Files.writeString(
        journal, "sent 1 a 1 CREATED\nsent 2 a 2 PAID\nack 1 accepted\nack 2 accepted\n");
  }

  private HistoryChecker.Result check() throws IOException {
    return HistoryChecker.check(directory, database.toString());
  }

  private void tamper(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
        Statement statement = connection.createStatement()) {
      assertThat(statement.executeUpdate(sql)).isEqualTo(1);
    }
  }

  @Test
  void aCleanHistoryIsClean() throws IOException {
    assertThat(check()).isEqualTo(new HistoryChecker.Result(2, 0, 0, 0, 0, 0));
    assertThat(check().clean()).isTrue();
  }

  @Test
  void aRemovedUpdateIsLost() throws Exception {
    tamper("DELETE FROM history WHERE sequence=2");
    assertThat(check().lost()).isEqualTo(1);
  }

  @Test
  void aChangedUpdateIsLost() throws Exception {
    tamper("UPDATE history SET status='SHIPPED' WHERE sequence=2");
    assertThat(check().lost()).isEqualTo(1);
  }

  @Test
  void anUpdateAppliedTwiceIsDuplicated() throws Exception {
    tamper(
        "INSERT INTO history SELECT 99, client_id, sequence, order_id, version, status, verdict, lamport FROM history WHERE sequence=2");
    assertThat(check().duplicated()).isEqualTo(1);
  }

  @Test
  void aVersionAppliedTwiceUnderAnotherSequenceIsDuplicated() throws Exception {
    tamper("INSERT INTO history VALUES(99, 'client', 3, 'a', 2, 'PAID', 'ACCEPTED', 0)");
    assertThat(check().duplicated()).isEqualTo(1);
  }

  @Test
  void anIllegalTransitionIsFound() throws Exception {
    tamper("INSERT INTO history VALUES(99, 'client', 3, 'a', 5, 'COMPLETED', 'ACCEPTED', 0)");
    assertThat(check().illegal()).isEqualTo(1);
    assertThat(check().different()).as("and the order is elsewhere").isEqualTo(1);
  }

  @Test
  void twoUpdatesInTheWrongOrderAreFound() throws Exception {
    tamper("UPDATE history SET rowid=100 WHERE sequence=1");
    assertThat(check().illegal()).isEqualTo(2);
    assertThat(check().lost()).isZero();
  }

  @Test
  void aStateThatTheHistoryDoesNotGiveIsFound() throws Exception {
    tamper("UPDATE orders SET status='SHIPPED', version=3 WHERE order_id='a'");
    assertThat(check()).isEqualTo(new HistoryChecker.Result(2, 0, 0, 0, 0, 1));
    tamper("DELETE FROM orders");
    assertThat(check().different()).isEqualTo(1);
  }

  @Test
  void anAckThatFallsIsFound() throws IOException {
    Files.writeString(
        journal, "sent 1 a 1 CREATED\nsent 2 a 2 PAID\nack 2 accepted\nack 1 accepted\n");
    assertThat(check()).isEqualTo(new HistoryChecker.Result(2, 0, 0, 0, 1, 0));
  }

  @Test
  void anAckOfSomethingNeverSentIsLost() throws IOException {
    Files.writeString(journal, "ack 7 accepted\n");
    assertThat(check().lost()).isEqualTo(1);
  }

  @Test
  void aJournalThatCannotBeUnderstoodIsNamed() throws IOException {
    Files.writeString(journal, "nonsense\n");
    assertThatThrownBy(this::check)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("client.journal");
  }
}
