package io.streamgauge.ordersync.client;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.OpenTelemetry;
import io.streamgauge.Streamgauge;
import io.streamgauge.ordersync.flow.FlowLimits;
import io.streamgauge.ordersync.flow.Standstill;
import io.streamgauge.ordersync.server.HeldStore;
import io.streamgauge.ordersync.server.ServerRig;
import io.streamgauge.ordersync.telemetry.InCode;
import io.streamgauge.testkit.fixture.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that are asked to stop while the server is slow; the test moves the drain's clock. */
class DrainTest {

  @TempDir Path directory;

  private final Streamgauge gauge = Streamgauge.builder().build();
  private final InCode attachment =
      new InCode(gauge, OpenTelemetry.noop().getTracer("test"), gauge::close);
  private final HeldStore store = new HeldStore();
  private final AtomicLong clock = new AtomicLong();
  private final AtomicLong looks = new AtomicLong();
  private final ExecutorService thread = Executors.newSingleThreadExecutor();
  private ServerRig rig;
  private OrderSyncClient client;
  private Future<OrderSyncClient.Totals> drained;

  @BeforeEach
  void start() throws Exception {
    rig = ServerRig.start(attachment, store, 0, () -> FlowLimits.DEFAULT, null);
    client =
        new OrderSyncClient(
            attachment,
            new OrderSyncClient.Settings(
                "shop", rig.server().port(), 2, 1_000, 0, 0, 0, 0, 10_000, null, directory));
    client.start();
    await().until(() -> client.acked() > 10);
    store.hold();
    await().until(() -> store.isHolding() && client.unacked() == 2 * SyncSession.WINDOW);
    drained =
        thread.submit(() -> client.drain(new Standstill(Duration.ofMinutes(1), this::lookAtClock)));
    passSeconds(0);
  }

  private long lookAtClock() {
    looks.incrementAndGet();
    return clock.get();
  }

  /** Moves the clock and lets the drain see it. */
  private void passSeconds(long seconds) {
    clock.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
    long before = looks.get();
    await().until(() -> looks.get() > before + 4 || drained.isDone());
  }

  @AfterEach
  void stop() throws Exception {
    store.release();
    thread.shutdownNow();
    client.close();
    rig.close();
    attachment.close();
  }

  @Test
  void aDrainLastsAsLongAsAnswersCome() throws Exception {
    passSeconds(50);
    // What has come since the writer took what it is held with is the next transaction.
    store.releaseOne();
    await().until(() -> store.isHolding() && client.unacked() < 2 * SyncSession.WINDOW);
    passSeconds(50);
    store.release();
    assertThat(Await.get(drained).unacked()).isZero();
  }

  @Test
  void aDrainEndsWhenNoAnswerComesForAMinute() throws Exception {
    passSeconds(61);
    assertThat(Await.get(drained).unacked()).isEqualTo(2 * SyncSession.WINDOW);
  }
}
