package io.streamgauge.ordersync.store;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.OpenTelemetry;
import io.streamgauge.Streamgauge;
import io.streamgauge.ordersync.check.HistoryChecker;
import io.streamgauge.ordersync.client.OrderSyncClient;
import io.streamgauge.ordersync.domain.Answer;
import io.streamgauge.ordersync.domain.OrderStatus;
import io.streamgauge.ordersync.domain.OrderUpdate;
import io.streamgauge.ordersync.domain.Shipment;
import io.streamgauge.ordersync.domain.Verdict;
import io.streamgauge.ordersync.flow.Standstill;
import io.streamgauge.ordersync.fulfilment.FulfilmentServer;
import io.streamgauge.ordersync.server.OrderSyncServer;
import io.streamgauge.ordersync.server.SyncTotals;
import io.streamgauge.ordersync.telemetry.InCode;
import io.streamgauge.testkit.fixture.Await;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real PostgreSQL, and two of us on it. */
class PostgresTest {

  private static PostgresRig postgres;

  @TempDir Path directory;

  @BeforeAll
  static void start() throws Exception {
    postgres = PostgresRig.start();
  }

  @AfterAll
  static void stop() throws Exception {
    if (postgres != null) {
      postgres.close();
    }
  }

  private static OrderUpdate update(String client, long sequence, OrderStatus status) {
    return new OrderUpdate(client, sequence, client + "-a", status.version(), status);
  }

  @Test
  void itIsTheSameStore() throws Exception {
    List<OrderUpdate> batch =
        List.of(
            update("same", 1, OrderStatus.CREATED),
            update("same", 2, OrderStatus.PAID),
            update("same", 3, OrderStatus.SHIPPED),
            update("same", 4, OrderStatus.COMPLETED));
    try (JdbcOrderStore store = JdbcOrderStore.open(postgres.url())) {
      assertThat(store.apply(batch, List.of()))
          .extracting(Answer::verdict)
          .containsExactly(
              Verdict.ACCEPTED, Verdict.ACCEPTED, Verdict.ACCEPTED, Verdict.ILLEGAL_TRANSITION);
      assertThat(store.apply(batch, List.of())).noneMatch(Answer::fresh);
      Shipment shipment = new Shipment("same-a", 3, "");
      assertThat(store.untold(1_000)).contains(shipment);
      store.apply(List.of(), List.of(shipment));
      assertThat(store.untold(1_000)).doesNotContain(shipment);
    }
  }

  /** Both judge the same updates at the same time; each is applied by one of them. */
  @Test
  void twoInstancesThatMeetAtARowApplyEachUpdateOnce() throws Exception {
    int rounds = 100;
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      List<Future<Integer>> fresh = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        fresh.add(
            threads.submit(
                () -> {
                  int mine = 0;
                  try (JdbcOrderStore store = JdbcOrderStore.open(postgres.url())) {
                    for (int round = 0; round < rounds; round++) {
                      List<OrderUpdate> batch = new ArrayList<>();
                      for (OrderStatus status : OrderStatus.values()) {
                        batch.add(update("meet-" + round, status.version(), status));
                      }
                      for (Answer answer : store.apply(batch, List.of())) {
                        assertThat(answer.verdict()).isEqualTo(Verdict.ACCEPTED);
                        mine += answer.fresh() ? 1 : 0;
                      }
                    }
                  }
                  return mine;
                }));
      }
      assertThat(Await.get(fresh.get(0)) + Await.get(fresh.get(1)))
          .isEqualTo(rounds * OrderStatus.values().length);
    } finally {
      threads.shutdownNow();
    }
  }

  /** Clients send to one server, which goes away; they go on at the other, and back again. */
  @Test
  void clientsMoveBetweenTwoServersOnOneDatabase() throws Exception {
    Streamgauge gauge = Streamgauge.builder().build();
    InCode attachment = new InCode(gauge, OpenTelemetry.noop().getTracer("test"), gauge::close);
    FulfilmentServer fulfilment = new FulfilmentServer(attachment, "stable", 0, 0);
    fulfilment.start();
    OrderSyncServer first = server(attachment, fulfilment.port());
    OrderSyncServer second = server(attachment, fulfilment.port());
    try {
      for (int round = 0; round < 4; round++) {
        OrderSyncServer now = round % 2 == 0 ? first : second;
        // Not stopped before the next one starts: their last updates are still with this server.
        OrderSyncClient client = client(attachment, now.port());
        client.start();
        await().until(() -> client.acked() > 200);
        OrderSyncClient.Totals totals = client.drain(new Standstill());
        assertThat(totals.unacked()).isZero();
        assertThat(totals.fallen()).isZero();
        client.close();
      }
    } finally {
      first.close();
      second.close();
      fulfilment.close();
      attachment.close();
    }
    HistoryChecker.Result result = HistoryChecker.check(directory, postgres.url());
    assertThat(result.acked()).isGreaterThan(800);
    assertThat(result.lost() + result.duplicated() + result.fallen()).isZero();
    assertThat(result.violations()).as(result.toString()).isZero();
  }

  private static OrderSyncServer server(InCode attachment, int fulfilment) throws Exception {
    OrderSyncServer server =
        new OrderSyncServer(
            attachment,
            JdbcOrderStore.open(postgres.url()),
            new SyncTotals(),
            new OrderSyncServer.Settings(0, fulfilment, fulfilment));
    server.start();
    return server;
  }

  private OrderSyncClient client(InCode attachment, int port) throws Exception {
    return new OrderSyncClient(
        attachment,
        new OrderSyncClient.Settings(
            "shop", port, 4, 1_000, 0.25, 0, 0, 1, 10_000, null, directory));
  }
}
