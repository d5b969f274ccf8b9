package io.streamgauge.ordersync.fulfilment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.streamgauge.ordersync.telemetry.Attachment;
import io.streamgauge.ordersync.v1.FulfilmentGrpc;
import io.streamgauge.ordersync.v1.ShipmentNotice;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a caller is told of its notices. */
class FulfilmentServiceTest {

  private Server server;
  private ManagedChannel channel;

  private FulfilmentService start(double failShare) throws IOException {
    FulfilmentService service =
        new FulfilmentService(Attachment.FROM_OUTSIDE, "one", failShare, Duration.ZERO);
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(service)
            .build()
            .start();
    channel =
        NettyChannelBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getPort()))
            .usePlaintext()
            .build();
    return service;
  }

  private FulfilmentGrpc.FulfilmentBlockingStub stub() {
    return FulfilmentGrpc.newBlockingStub(channel);
  }

  private static ShipmentNotice notice(String order) {
    return ShipmentNotice.newBuilder().setOrderId(order).build();
  }

  @AfterEach
  void stop() throws InterruptedException {
    channel.shutdownNow();
    server.shutdownNow().awaitTermination();
  }

  @Test
  void onlyTheFirstNoticeOfAnOrderIsNoRepetition() throws Exception {
    FulfilmentService service = start(0);

    assertThat(stub().notify(notice("a")).getRepeated()).isFalse();
    assertThat(stub().notify(notice("a")).getRepeated()).isTrue();
    assertThat(stub().notify(notice("b")).getRepeated()).isFalse();
    assertThat(stub().notify(notice("a")).getInstance()).isEqualTo("one");
    assertThat(service.totals()).isEqualTo("notices=4 orders=2 gray=0");
  }

  @Test
  void aNoticeThatFailsOnPurposeIsNotHeardOf() throws Exception {
    FulfilmentService service = start(1);

    assertThatThrownBy(() -> stub().notify(notice("a")))
        .hasMessageContaining("INTERNAL: instance one fails on purpose");
    assertThat(service.totals()).isEqualTo("notices=1 orders=0 gray=0");
  }

  @Test
  void aNoticeOfNoOrderIsTheCallersMistake() throws Exception {
    start(0);

    assertThatThrownBy(() -> stub().notify(notice("")))
        .hasMessageContaining("INVALID_ARGUMENT: order_id is missing");
  }
}
