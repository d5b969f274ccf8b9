package io.streamgauge.ordersync.client;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.opentelemetry.api.OpenTelemetry;
import io.streamgauge.Streamgauge;
import io.streamgauge.ordersync.flow.FlowLimits;
import io.streamgauge.ordersync.server.HeldStore;
import io.streamgauge.ordersync.server.ServerRig;
import io.streamgauge.ordersync.telemetry.InCode;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client whose updates are refused for now; the test moves the client's clock. */
class RefusalTest {

  private static final int STEP_MILLIS = 100;

  @TempDir Path directory;

  private final Streamgauge gauge = Streamgauge.builder().build();
  private final InCode attachment =
      new InCode(gauge, OpenTelemetry.noop().getTracer("test"), gauge::close);
  private final HeldStore store = new HeldStore();
  private final AtomicLong clock = new AtomicLong();
  private final EventLoop loop = new EventLoop();
  private ServerRig rig;
  private ManagedChannel channel;
  private Journal journal;
  private SyncSession session;

  @BeforeEach
  void start() throws Exception {
    rig = ServerRig.start(attachment, store, 0, () -> FlowLimits.DEFAULT, null);
    channel =
        NettyChannelBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), rig.server().port()))
            .usePlaintext()
            .build();
    journal = new Journal(directory.resolve("shop-0.journal"));
    session =
        new SyncSession(
            loop,
            channel,
            journal,
            new OrderPlan("shop-0", JournalMemory.NONE),
            JournalMemory.NONE,
            new OrderContexts(attachment.tracer(), 0),
            new BearerToken(null),
            0,
            clock::get);
    loop.execute(session::connect);
  }

  @AfterEach
  void stop() throws Exception {
    channel.shutdownNow();
    loop.close();
    journal.close();
    rig.close();
    attachment.close();
  }

  /** Moves the clock, lets the client do what is due, and waits for the answer to each send. */
  private void pass(long millis) throws Exception {
    for (long left = millis; left > 0; left -= STEP_MILLIS) {
      clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(Math.min(left, STEP_MILLIS)));
      tick();
    }
  }

  private void tick() throws Exception {
    loop.call(
        () -> {
          session.tick(SyncSession.WINDOW);
          return null;
        });
    allAnswered();
  }

  private void allAnswered() {
    await()
        .untilAsserted(() -> assertThat(loop.call(this::answered)).as("answers").isEqualTo(sent()));
  }

  private long answered() {
    return session.totals().again + session.totals().acked;
  }

  private long sent() throws Exception {
    return loop.call(() -> session.totals().sent);
  }

  private void firstRefusal() throws Exception {
    store.fail(true);
    await()
        .until(
            () -> {
              tick();
              return store.refused() > 0;
            });
    // A stream that opens between two ticks sends by itself, and the store refuses its first
    // update while the others are on their way.
    allAnswered();
  }

  @Test
  void whileTheStoreFailsFewerAndFewerSendsAreMade() throws Exception {
    firstRefusal();
    long before = sent();
    pass(20_000);
    long first = sent() - before;
    pass(100_000);
    long later = sent() - before - first;

    // A wait is 2^n times 50 ms in the mean and 15 s from the ninth on: some 10 and some 7 sends.
    assertThat(first).as("sends in the first 20 s").isBetween(1L, 60L);
    assertThat(later).as("sends in the next 100 s").isBetween(1L, 60L);
    assertThat(store.refused()).as("each send was refused").isEqualTo(sent());
  }

  @Test
  void afterARefusalOneUpdateIsTriedBeforeTheOthers() throws Exception {
    firstRefusal();
    long before = sent();
    for (int tries = 1; tries <= 5; tries++) {
      long expected = before + tries;
      while (sent() < expected) {
        pass(STEP_MILLIS);
      }
      assertThat(sent()).as("sends after try " + tries).isEqualTo(expected);
    }

    store.fail(false);
    await()
        .until(
            () -> {
              pass(STEP_MILLIS);
              return store.applied() > 200;
            });
  }
}
