package io.streamgauge.ordersync.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.streamgauge.ordersync.domain.Answer;
import io.streamgauge.ordersync.domain.OrderStatus;
import io.streamgauge.ordersync.domain.OrderStore.StoreException;
import io.streamgauge.ordersync.domain.OrderUpdate;
import io.streamgauge.ordersync.domain.Shipment;
import io.streamgauge.ordersync.domain.Verdict;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JdbcOrderStoreTest {

  private static final int ROUNDS = 1_000;

  @TempDir Path directory;

  private static OrderUpdate update(long sequence, String order, OrderStatus status) {
    return new OrderUpdate("client", sequence, order, status.version(), status);
  }

  private static List<Answer> apply(JdbcOrderStore store, List<OrderUpdate> batch)
      throws StoreException {
    return store.apply(batch, List.of());
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
    try (JdbcOrderStore store = JdbcOrderStore.open(directory.resolve("orders.db").toString())) {
      answers = apply(store, batch);
    }
    assertThat(answers).allMatch(Answer::fresh);
    assertThat(answers)
        .extracting(Answer::verdict)
        .containsExactly(Verdict.ACCEPTED, Verdict.ACCEPTED, Verdict.ILLEGAL_TRANSITION);

    try (JdbcOrderStore store = JdbcOrderStore.open(directory.resolve("orders.db").toString())) {
      assertThat(apply(store, batch))
          .noneMatch(Answer::fresh)
          .extracting(Answer::verdict)
          .containsExactlyElementsOf(answers.stream().map(Answer::verdict).toList());
      assertThat(apply(store, List.of(update(4, "a", OrderStatus.SHIPPED))))
          .containsExactly(new Answer(Verdict.ACCEPTED, true, 4));
    }
    assertThat(historyRows()).isEqualTo(4);
  }

  /** After a failed batch later updates may still be queued; they must not overtake it. */
  @Test
  void anUpdateWhosePredecessorIsMissingIsNotAnsweredAndNotRemembered() throws Exception {
    try (JdbcOrderStore store = JdbcOrderStore.open(directory.resolve("orders.db").toString())) {
      assertThat(apply(store, List.of(update(2, "a", OrderStatus.PAID))))
          .containsExactly(new Answer(Verdict.OUT_OF_SEQUENCE, false, 0));
      assertThat(
              apply(
                  store,
                  List.of(update(1, "a", OrderStatus.CREATED), update(2, "a", OrderStatus.PAID))))
          .containsExactly(
              new Answer(Verdict.ACCEPTED, true, 1), new Answer(Verdict.ACCEPTED, true, 2));
    }
  }

  @Test
  void anInvalidUpdateTakesItsPlaceInTheSequenceAndNothingElse() throws Exception {
    try (JdbcOrderStore store = JdbcOrderStore.open(directory.resolve("orders.db").toString())) {
      OrderUpdate invalid = new OrderUpdate("client", 1, "", 1, OrderStatus.CREATED);
      assertThat(apply(store, List.of(invalid, update(2, "a", OrderStatus.CREATED))))
          .containsExactly(
              new Answer(Verdict.INVALID, true, 1), new Answer(Verdict.ACCEPTED, true, 2));
      assertThat(apply(store, List.of(invalid)))
          .containsExactly(new Answer(Verdict.INVALID, false, 2));
    }
    assertThat(historyRows()).isEqualTo(1);
  }

  @Test
  void aShipmentIsRememberedUntilItIsTold() throws Exception {
    Shipment shipment = new Shipment("a", 3, "from here");
    String file = directory.resolve("orders.db").toString();
    try (JdbcOrderStore store = JdbcOrderStore.open(file)) {
      apply(
          store,
          List.of(
              update(1, "a", OrderStatus.CREATED),
              update(2, "a", OrderStatus.PAID),
              new OrderUpdate("client", 3, "a", 3, OrderStatus.SHIPPED, 7, "from here"),
              update(4, "b", OrderStatus.SHIPPED)));
    }
    try (JdbcOrderStore store = JdbcOrderStore.open(file)) {
      assertThat(store.untold(10)).containsExactly(shipment);
      store.apply(List.of(), List.of(shipment));
      assertThat(store.untold(10)).isEmpty();
    }
  }

  /** As many updates as fit, then refusals, and when there is room again all is well. */
  @Test
  void aFullDiskLosesNothing() throws Exception {
    String file = directory.resolve("orders.db").toString();
    long stored = 0;
    boolean refused = false;
    try (JdbcOrderStore store = JdbcOrderStore.open("jdbc:sqlite:" + file + "?max_page_count=40")) {
      for (int i = 1; i <= 20_000 && !refused; i++) {
        try {
          apply(store, List.of(update(i, "order-" + i, OrderStatus.CREATED)));
          stored = i;
        } catch (StoreException e) {
          assertThat(e).hasMessageContaining("full");
          refused = true;
        }
      }
    }
    assertThat(refused).isTrue();
    try (JdbcOrderStore store = JdbcOrderStore.open(file)) {
      assertThat(apply(store, List.of(update(stored + 1, "next", OrderStatus.CREATED))))
          .containsExactly(new Answer(Verdict.ACCEPTED, true, stored + 1));
    }
    assertThat(historyRows()).isEqualTo(stored + 1);
  }

  /**
   * Whatever the order in which a log arrives, what must be sent again is, and the table is one.
   */
  @Test
  void aShuffledLogGivesTheSameTable() throws Exception {
    List<OrderUpdate> log = new ArrayList<>();
    for (OrderStatus status : OrderStatus.values()) {
      for (String client : List.of("c", "d")) {
        long sequence = 2 * status.version();
        String order = client + "-";
        log.add(new OrderUpdate(client, sequence - 1, order + 1, status.version(), status));
        log.add(new OrderUpdate(client, sequence, order + 2, status.version(), status));
      }
    }
    List<String> expected = null;
    Random random = new Random(42);
    for (int round = 0; round < ROUNDS; round++) {
      try (JdbcOrderStore store = JdbcOrderStore.open(":memory:")) {
        List<OrderUpdate> left = new ArrayList<>(log);
        left.addAll(log.subList(0, random.nextInt(log.size())));
        while (!left.isEmpty()) {
          Collections.shuffle(left, random);
          List<Answer> answers = apply(store, left);
          List<OrderUpdate> again = new ArrayList<>();
          for (int i = 0; i < answers.size(); i++) {
            if (answers.get(i).verdict() == Verdict.OUT_OF_SEQUENCE) {
              again.add(left.get(i));
            }
          }
          left = again;
        }
        List<String> table = table(store);
        expected = expected == null ? table : expected;
        assertThat(table).isEqualTo(expected);
      }
    }
    assertThat(expected).hasSize(4).allMatch(row -> row.endsWith("COMPLETED 5"));
  }

  /** By asking for what would come next: the store has no other question about an order. */
  private static List<String> table(JdbcOrderStore store) throws StoreException {
    List<String> rows = new ArrayList<>();
    for (String order : List.of("c-1", "c-2", "d-1", "d-2")) {
      rows.add(order + " " + store.order(order).status() + " " + store.order(order).version());
    }
    return rows;
  }

  /** A client that has lost its journal must not take an old answer for a new update. */
  @Test
  void anotherUpdateUnderAnOldNumberIsNotTheOldOne() throws Exception {
    try (JdbcOrderStore store = JdbcOrderStore.open(directory.resolve("orders.db").toString())) {
      apply(store, List.of(update(1, "a", OrderStatus.CREATED)));
      assertThat(apply(store, List.of(update(1, "b", OrderStatus.CREATED))))
          .containsExactly(new Answer(Verdict.INVALID, false, 1));
      assertThat(
              apply(
                  store,
                  List.of(
                      update(2, "b", OrderStatus.CREATED), update(2, "c", OrderStatus.CREATED))))
          .containsExactly(
              new Answer(Verdict.ACCEPTED, true, 2), new Answer(Verdict.INVALID, false, 2));
    }
  }

  @Test
  void theDatabaseIsWrittenAheadAndSynced() throws Exception {
    try (JdbcOrderStore store = JdbcOrderStore.open(directory.resolve("orders.db").toString())) {
      apply(store, List.of(update(1, "a", OrderStatus.CREATED)));
      assertThat(directory.resolve("orders.db-wal")).exists();
    }
  }

  @Test
  void aPathThatCannotBeUsedIsNamed() {
    Path missing = directory.resolve("no/such/directory/orders.db");
    assertThatThrownBy(() -> JdbcOrderStore.open(missing.toString()))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining(missing.toString());
    assertThatThrownBy(() -> JdbcOrderStore.open(directory.toString()))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining(directory.toString());
  }

  @Test
  void aProbeLeavesNothingBehindAndFailsWhereUpdatesWould() throws Exception {
    String file = directory.resolve("orders.db").toString();
    try (JdbcOrderStore store = JdbcOrderStore.open(file)) {
      apply(store, List.of(update(1, "a", OrderStatus.CREATED)));
      store.probe(500);
      assertThat(historyRows()).isEqualTo(1);
      assertThat(apply(store, List.of(update(2, "a", OrderStatus.PAID))))
          .containsExactly(new Answer(Verdict.ACCEPTED, true, 2));
    }
    List<OrderUpdate> many = new ArrayList<>();
    for (int i = 1; i <= 500; i++) {
      many.add(update(2 + i, "b" + i, OrderStatus.CREATED));
    }
    // As on a disk that is full; what the first probe took and gave back is there to be used.
    try (JdbcOrderStore full = JdbcOrderStore.open("jdbc:sqlite:" + file + "?max_page_count=1")) {
      assertThatThrownBy(() -> apply(full, many)).isInstanceOf(StoreException.class);
      assertThatThrownBy(() -> full.probe(2_000)).isInstanceOf(StoreException.class);
    }
    try (JdbcOrderStore store = JdbcOrderStore.open(file)) {
      store.probe(2_000);
      assertThat(apply(store, many)).allMatch(answer -> answer.verdict().accepted());
    }
    assertThat(historyRows()).isEqualTo(502);
  }

  @Test
  void noMessageHasThePasswordOfTheUrl() {
    assertThatThrownBy(
            () ->
                JdbcOrderStore.open(
                    "jdbc:postgresql://127.0.0.1:1/orders?user=shop&password=secret"))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("jdbc:postgresql://127.0.0.1:1/orders")
        .hasMessageNotContaining("secret");
  }
}
