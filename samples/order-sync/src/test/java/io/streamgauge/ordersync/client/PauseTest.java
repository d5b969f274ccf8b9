package io.streamgauge.ordersync.client;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.OpenTelemetry;
import io.streamgauge.Streamgauge;
import io.streamgauge.ordersync.flow.FlowLimits;
import io.streamgauge.ordersync.server.HeldStore;
import io.streamgauge.ordersync.server.ServerRig;
import io.streamgauge.ordersync.telemetry.InCode;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A consumer that is slow on purpose, while the server answers more slowly than that. */
class PauseTest {

  @TempDir Path directory;

  @Test
  void aPauseLastsUntilTheConsumerHasReadAllItAskedForAndThenItsTime() throws Exception {
    Streamgauge gauge = Streamgauge.builder().build();
    HeldStore store = new HeldStore();
    double endedBefore = pauses("ended");
    double begunBefore = pauses("begun");
    try (InCode attachment =
            new InCode(gauge, OpenTelemetry.noop().getTracer("test"), gauge::close);
        ServerRig rig = ServerRig.start(attachment, store, 0, () -> FlowLimits.DEFAULT, null);
        OrderSyncClient client =
            new OrderSyncClient(
                attachment,
                new OrderSyncClient.Settings(
                    "shop", rig.server().port(), 1, 20, 0, 0, 1, 0, 10_000, null, directory))) {
      client.start();
      await().until(() -> pauses("begun") > begunBefore);
      store.hold();
      await().until(store::isHolding);
      // Longer than the pause: its time has not begun.
      long held = System.nanoTime();
      await().until(() -> System.nanoTime() - held > TimeUnit.MILLISECONDS.toNanos(1_500));
      long acked = client.acked();
      boolean usedUp = acked > SyncSession.WINDOW;
      assertThat(usedUp || pauses("ended") == endedBefore).as("%s acks", acked).isTrue();
      store.release();
      await().until(() -> pauses("ended") > endedBefore);
      // It had read all it had asked for, and sent all it may send.
      assertThat(store.applied()).isGreaterThanOrEqualTo(2L * SyncSession.WINDOW);
      assertThat(client.acked()).isGreaterThanOrEqualTo(SyncSession.WINDOW);
    }
  }

  private static double pauses(String what) {
    return OrderSyncClient.PAUSES.labels(what).get();
  }
}
