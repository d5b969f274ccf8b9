package io.streamgauge.ordersync.chaos;

import io.streamgauge.ordersync.server.Steps;
import io.streamgauge.ordersync.store.JdbcOrderStore;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** The fault table. */
final class ChaosFaults {

  private static final List<String> EIGHT = List.of("--streams=8", "--rate=12000", "--rotate=0");
  private static final List<String> BEATING =
      List.of("--streams=8", "--rate=2000", "--rotate=0", "--ping-millis=500");
  private static final List<String> EVEN = List.of("--streams=8", "--rate=2000", "--rotate=0");

  /** After four intervals without a sign of life a stream is given up. */
  private static final long GIVEN_UP_MILLIS = 4 * 500;

  private static final String NOT_STORED = "reason=\"not_stored\"";

  private ChaosFaults() {}

  static List<ChaosCase> all() {
    List<ChaosCase> cases = new ArrayList<>();
    cases.add(new ChaosCase("kill -9 server", 2, 200, false, EIGHT, ChaosFaults::killServer));
    cases.add(
        new ChaosCase("kill -9 at a step", 6, 300, false, EIGHT, ChaosFaults::killAtNextStep));
    cases.add(new ChaosCase("kill -9 client", 1, 100, false, EIGHT, ChaosFaults::killClient));
    cases.add(new ChaosCase("kill -9 both", 1, 100, false, EIGHT, ChaosFaults::killBoth));
    cases.add(new ChaosCase("SIGSTOP server", 1, 30, false, BEATING, ChaosFaults::pause));
    cases.add(new ChaosCase("cut", 0, 40, false, EVEN, (rig, size) -> cut(rig, size, false)));
    cases.add(new ChaosCase("RST in a frame", 1, 40, false, EVEN, (rig, s) -> cut(rig, s, true)));
    cases.add(new ChaosCase("black hole", 1, 40, false, BEATING, ChaosFaults::blackHole));
    cases.add(new ChaosCase("1 byte/s", 0, 40, false, BEATING, ChaosFaults::trickle));
    cases.add(new ChaosCase("slow reconnect", 0, 40, false, EVEN, ChaosFaults::reconnectSlowly));
    cases.add(new ChaosCase("disk full", 1, 10, false, EVEN, ChaosFaults::diskFull));
    cases.add(new ChaosCase("read-only", 0, 10, false, EVEN, ChaosFaults::readOnly));
    cases.add(new ChaosCase("database busy", 1, 10, true, EVEN, ChaosFaults::busy));
    return cases;
  }

  private static void killServer(ChaosRig rig, ChaosCase.Size size)
      throws IOException, InterruptedException {
    rig.awaitProgress(size.updates());
    TimeUnit.MILLISECONDS.sleep(ThreadLocalRandom.current().nextInt(200)); // at any moment
    rig.killServer();
    rig.startServer();
    rig.measureResume();
  }

  private static void killAtNextStep(ChaosRig rig, ChaosCase.Size size)
      throws IOException, InterruptedException {
    Steps.Step[] steps = Steps.Step.values();
    killAt(rig, steps[size.run() % steps.length]);
  }

  private static void killAt(ChaosRig rig, Steps.Step step)
      throws IOException, InterruptedException {
    rig.killServer();
    boolean perBatch = step == Steps.Step.BEFORE_COMMIT || step == Steps.Step.AFTER_COMMIT;
    int after = ThreadLocalRandom.current().nextInt(1, perBatch ? 40 : 2_000);
    rig.startServer("--die-at=" + step.label(), "--die-after=" + after);
    rig.awaitServerDeath();
  }

  private static void killClient(ChaosRig rig, ChaosCase.Size size)
      throws IOException, InterruptedException {
    rig.awaitProgress(size.updates());
    rig.killClient();
    rig.startClient(EIGHT);
    rig.awaitProgress(1);
  }

  private static void killBoth(ChaosRig rig, ChaosCase.Size size)
      throws IOException, InterruptedException {
    rig.awaitProgress(size.updates());
    rig.killServer();
    rig.killClient();
    rig.startServer();
    rig.startClient(EIGHT);
    rig.awaitProgress(1);
  }

  /** The process stands still: nothing is closed, and nothing answers. */
  private static void pause(ChaosRig rig, ChaosCase.Size size)
      throws IOException, InterruptedException {
    rig.awaitProgress(100);
    double before = rig.clientPatiently("ordersync_client_given_up");
    long[] seconds = {5, 15, 60};
    long pause = size.full() ? seconds[size.run() % seconds.length] : 5;
    rig.signalServer("STOP");
    long stopped = System.nanoTime();
    rig.await("streams given up", () -> rig.client("ordersync_client_given_up") >= before + 8);
    long took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - stopped);
    if (took > GIVEN_UP_MILLIS + 1_000) {
      rig.findings()
          .add(
              ChaosFindings.Kind.LATE,
              "streams were given up after " + took + " ms, not " + GIVEN_UP_MILLIS);
    }
    long left = stopped + TimeUnit.SECONDS.toNanos(pause) - System.nanoTime();
    TimeUnit.NANOSECONDS.sleep(Math.max(0, left)); // the length of the pause
    rig.signalServer("CONT");
    rig.awaitProgress(100);
    rig.await("one stream a client", () -> rig.server("ordersync_streams") == 8);
  }

  private static void cut(ChaosRig rig, ChaosCase.Size size, boolean reset)
      throws IOException, InterruptedException {
    rig.awaitProgress(size.updates() / 10);
    rig.proxy().cut(reset);
    rig.awaitProgress(1);
  }

  private static void blackHole(ChaosRig rig, ChaosCase.Size size)
      throws IOException, InterruptedException {
    rig.awaitProgress(size.updates() / 10);
    double before = rig.clientPatiently("ordersync_client_given_up");
    rig.proxy().path(TcpProxy.Path.BLACK_HOLE);
    rig.await("streams given up", () -> rig.client("ordersync_client_given_up") >= before + 8);
    rig.proxy().cut(false);
    rig.proxy().path(TcpProxy.Path.OPEN);
    rig.awaitProgress(1);
  }

  private static void trickle(ChaosRig rig, ChaosCase.Size size)
      throws IOException, InterruptedException {
    rig.awaitProgress(size.updates() / 10);
    rig.proxy().path(TcpProxy.Path.TRICKLE);
    double before = rig.clientPatiently("ordersync_client_given_up");
    rig.await("streams given up", () -> rig.client("ordersync_client_given_up") >= before + 8);
    rig.proxy().path(TcpProxy.Path.OPEN);
    rig.proxy().cut(true);
    rig.awaitProgress(1);
  }

  private static void reconnectSlowly(ChaosRig rig, ChaosCase.Size size)
      throws IOException, InterruptedException {
    rig.awaitProgress(size.updates() / 10);
    rig.proxy().path(TcpProxy.Path.SLOW_START);
    rig.proxy().cut(false);
    TimeUnit.MILLISECONDS.sleep(300); // while the new connection waits
    rig.proxy().cut(false);
    rig.awaitProgress(1);
    rig.proxy().path(TcpProxy.Path.OPEN);
  }

  /**
   * The disk is full, so the store refuses writes. The server acknowledges no update until the
   * store can write again; then it acknowledges those that wait.
   */
  private static void diskFull(ChaosRig rig, ChaosCase.Size size)
      throws IOException, InterruptedException {
    rig.awaitProgress(100);
    rig.stopServer();
    long pages = pragma(rig, "page_count");
    rig.startServerOn("jdbc:sqlite:" + rig.database() + "?max_page_count=" + (pages + 20));
    awaitRefusalsWithoutAcks(rig);
    rig.stopServer();
    rig.startServer();
    rig.measureResume();
  }

  private static void readOnly(ChaosRig rig, ChaosCase.Size size)
      throws IOException, InterruptedException {
    rig.awaitProgress(100);
    rig.stopServer();
    rig.startServerOn("jdbc:sqlite:file:" + rig.database() + "?mode=ro");
    awaitRefusalsWithoutAcks(rig);
    rig.stopServer();
    rig.startServer();
    rig.measureResume();
  }

  private static void awaitRefusalsWithoutAcks(ChaosRig rig)
      throws IOException, InterruptedException {
    rig.await("refusals", () -> rig.server("ordersync_refusals_total", NOT_STORED) > 0);
    rig.await(
        "an end of acks",
        () -> {
          long before = rig.acked();
          double refused = rig.server("ordersync_refusals_total", NOT_STORED);
          rig.await(
              "more refusals",
              () -> rig.server("ordersync_refusals_total", NOT_STORED) > refused + 3);
          return rig.acked() == before;
        });
  }

  /** Another writer has the database longer than the server waits for it. */
  private static void busy(ChaosRig rig, ChaosCase.Size size)
      throws IOException, InterruptedException {
    rig.awaitProgress(100);
    long seconds = size.full() ? 12 : 3;
    try (Connection connection =
            DriverManager.getConnection(JdbcOrderStore.url(rig.database().toString()));
        Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA busy_timeout=20000");
      statement.execute("BEGIN IMMEDIATE");
      long before = rig.acked();
      TimeUnit.SECONDS.sleep(seconds); // the length of the fault
      statement.execute("ROLLBACK");
      // What was on its way to the clients when the lock was taken may still be counted.
      if (rig.acked() > before + 8 * 100) {
        rig.findings().add(ChaosFindings.Kind.VIOLATION, "acks came while nothing could be stored");
      }
    } catch (SQLException e) {
      throw new IOException("cannot hold the database: " + e.getMessage(), e);
    }
    rig.awaitProgress(100);
  }

  private static long pragma(ChaosRig rig, String name) throws IOException {
    try (Connection connection =
            DriverManager.getConnection(JdbcOrderStore.url(rig.database().toString()));
        Statement statement = connection.createStatement();
        var row = statement.executeQuery("PRAGMA " + name)) {
      return row.getLong(1);
    } catch (SQLException e) {
      throw new IOException("cannot read the database: " + e.getMessage(), e);
    }
  }
}
