package io.streamgauge.ordersync.load;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.opentelemetry.api.OpenTelemetry;
import io.streamgauge.Streamgauge;
import io.streamgauge.ordersync.client.EventLoop;
import io.streamgauge.ordersync.client.OrderContexts;
import io.streamgauge.ordersync.client.OrderSource;
import io.streamgauge.ordersync.flow.FlowLimits;
import io.streamgauge.ordersync.server.HeldStore;
import io.streamgauge.ordersync.server.ServerRig;
import io.streamgauge.ordersync.telemetry.InCode;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A stream of a load whose updates are refused; the test moves the stream's clock. */
class LoadStreamTest {

  private static final int DUE = 20;

  /** Sends in 100 s: the waits are 2^n times 50 ms in the mean, and 15 s from the ninth on. */
  private static final long MOST = DUE + 60;

  private final Streamgauge gauge = Streamgauge.builder().build();
  private final InCode attachment =
      new InCode(gauge, OpenTelemetry.noop().getTracer("test"), gauge::close);
  private final HeldStore store = new HeldStore();
  private final AtomicLong clock = new AtomicLong();
  private final EventLoop loop = new EventLoop();
  private final LoadStream stream =
      new LoadStream(
          OrderSource.of("load"),
          loop,
          nanos -> {},
          new OrderContexts(attachment.tracer(), 0),
          clock::get);
  private ServerRig rig;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws Exception {
    rig = ServerRig.start(attachment, store, 0, () -> FlowLimits.DEFAULT, null);
    channel =
        NettyChannelBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), rig.server().port()))
            .usePlaintext()
            .build();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    loop.close();
    rig.close();
    attachment.close();
  }

  private void pump() throws Exception {
    loop.call(
        () -> {
          stream.pump();
          return null;
        });
  }

  private void pass(long seconds) throws Exception {
    for (long i = 0; i < 10 * seconds; i++) {
      clock.addAndGet(TimeUnit.MILLISECONDS.toNanos(100));
      pump();
      await().until(() -> loop.call(stream::outstanding) == 0 || store.refused() > MOST);
    }
  }

  @Test
  void whatIsRefusedIsSentAgainAfterAWaitAndOneAtATime() throws Exception {
    store.fail(true);
    loop.call(
        () -> {
          stream.open(channel, false);
          for (int i = 0; i < DUE; i++) {
            stream.due(0);
          }
          return null;
        });
    await()
        .until(
            () -> {
              pump();
              return store.refused() >= DUE;
            });
    pass(100);

    assertThat(store.refused()).as("sends while the store fails").isBetween(DUE + 1L, MOST);
    store.fail(false);
    await()
        .until(
            () -> {
              pass(1);
              return store.applied() == DUE;
            });
  }
}
