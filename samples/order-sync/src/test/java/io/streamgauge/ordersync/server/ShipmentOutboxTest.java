package io.streamgauge.ordersync.server;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.opentelemetry.context.Context;
import io.streamgauge.ordersync.domain.Answer;
import io.streamgauge.ordersync.domain.OrderStore;
import io.streamgauge.ordersync.domain.OrderUpdate;
import io.streamgauge.ordersync.domain.Shipment;
import io.streamgauge.ordersync.flow.FlowLimits;
import io.streamgauge.ordersync.fulfilment.FulfilmentServer;
import io.streamgauge.ordersync.telemetry.Attachment;
import io.streamgauge.testkit.fixture.Await;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The outbox with a real second hop, and a store whose reading takes as long as the test says. */
class ShipmentOutboxTest {

  private static final Shipment SHIPMENT = new Shipment("order", 3, "");

  private final SlowStore store = new SlowStore();
  private final OrderWriter writer = new OrderWriter(store, () -> FlowLimits.DEFAULT);
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private FulfilmentServer fulfilment;
  private ManagedChannel channel;
  private ShipmentOutbox outbox;

  @BeforeEach
  void start() throws Exception {
    fulfilment = new FulfilmentServer(Attachment.FROM_OUTSIDE, "stable", 0, 0);
    fulfilment.start();
    channel =
        NettyChannelBuilder.forAddress(
                InetAddress.getLoopbackAddress().getHostAddress(), fulfilment.port())
            .usePlaintext()
            .build();
    FulfilmentPort port = new FulfilmentPort("stable", channel);
    outbox =
        new ShipmentOutbox(
            port, port, writer, Attachment.FROM_OUTSIDE, new SyncTotals(), Steps.NONE, timer);
    writer.start();
  }

  @AfterEach
  void stop() {
    store.read.countDown();
    writer.close();
    channel.shutdownNow();
    fulfilment.close();
    timer.shutdownNow();
  }

  /** A server reads what the one before left, while its first orders ship. */
  @Test
  void aShipmentThatWasToldWhileTheStoreWasReadIsNotToldAgain() throws Exception {
    outbox.load();
    Await.open(store.reading);
    outbox.shipped(SHIPMENT, false, Context.root());
    await().until(() -> fulfilment.totals().startsWith("notices=1 "));
    // The outbox has the answer once nothing is in flight; the writer is still reading.
    await().until(() -> outbox.inFlight() == 0);
    store.read.countDown();

    await().until(() -> store.told.contains(SHIPMENT));
    await().until(() -> outbox.depth() == 0);
    assertThat(fulfilment.totals()).startsWith("notices=1 ");
    assertThat(store.told).containsExactly(SHIPMENT);
  }

  private static final class SlowStore implements OrderStore {

    final CountDownLatch reading = new CountDownLatch(1);
    final CountDownLatch read = new CountDownLatch(1);
    final List<Shipment> told = new CopyOnWriteArrayList<>();

    @Override
    public List<Answer> apply(List<OrderUpdate> batch, List<Shipment> now) {
      told.addAll(now);
      return List.of();
    }

    /** As the real one, sees what was stored when the reading began. */
    @Override
    public List<Shipment> untold(int limit) throws StoreException {
      reading.countDown();
      try {
        read.await();
      } catch (InterruptedException e) {
        throw new StoreException("interrupted", e);
      }
      return List.of(SHIPMENT);
    }

    @Override
    public void probe(int updates) {}

    @Override
    public void close() {}
  }
}
