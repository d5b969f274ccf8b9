package io.streamgauge.ordersync.store;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.OpenTelemetry;
import io.streamgauge.Streamgauge;
import io.streamgauge.ordersync.flow.FlowLimits;
import io.streamgauge.ordersync.rig.Pages;
import io.streamgauge.ordersync.server.ServerRig;
import io.streamgauge.ordersync.telemetry.InCode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server whose real database goes away or is damaged while no client sends anything. */
class StoreDownTest {

  @TempDir Path directory;

  private final Streamgauge gauge = Streamgauge.builder().build();
  private final InCode attachment =
      new InCode(gauge, OpenTelemetry.noop().getTracer("test"), gauge::close);
  private ServerRig rig;

  @AfterEach
  void stop() {
    if (rig != null) {
      rig.close();
    }
    attachment.close();
  }

  private void start(String database) throws Exception {
    rig =
        ServerRig.start(
            attachment, JdbcOrderStore.open(database), 0, () -> FlowLimits.DEFAULT, null);
  }

  private boolean isReady() throws InterruptedException {
    try {
      Pages.get(rig.server().healthPort(), "/readyz");
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void postgresThatIsKilledAndStartedAgain() throws Exception {
    try (PostgresRig postgres = PostgresRig.start()) {
      start(postgres.url());
      assertThat(isReady()).isTrue();
      postgres.stopServer();
      await().until(() -> !isReady());
      postgres.startServer();
      await().until(this::isReady);
    }
  }

  @Test
  void sqliteWhoseFileIsOverwritten() throws Exception {
    Path file = directory.resolve("orders.db");
    start(file.toString());
    assertThat(isReady()).isTrue();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[(int) channel.size()]), 0);
    }
    await().until(() -> !isReady());
  }
}
