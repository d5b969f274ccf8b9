package io.streamgauge.ordersync.server;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.MoreExecutors;
import io.grpc.ManagedChannel;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.prometheus.client.Counter;
import io.streamgauge.ordersync.domain.OrderUpdate;
import io.streamgauge.ordersync.v1.FulfilmentGrpc;
import io.streamgauge.ordersync.v1.ShipmentNotice;
import io.streamgauge.ordersync.v1.ShipmentReceipt;
import java.util.concurrent.TimeUnit;

/**
 * Tells fulfilment that an order ships: the gray instance for gray streams, else the stable one.
 */
final class ShipmentNotifier {

  private static final String GRAY = "gray";
  private static final long DEADLINE_SECONDS = 5;

  private static final Counter NOTICES =
      Counter.build()
          .name("ordersync_shipment_notices_total")
          .help("Notices sent to fulfilment, by instance and outcome.")
          .labelNames("instance", "outcome")
          .register();

  private final FulfilmentGrpc.FulfilmentFutureStub stable;
  private final FulfilmentGrpc.FulfilmentFutureStub gray;

  ShipmentNotifier(ManagedChannel stable, ManagedChannel gray) {
    this.stable = FulfilmentGrpc.newFutureStub(stable);
    this.gray = FulfilmentGrpc.newFutureStub(gray);
  }

  /**
   * Sends the notice without waiting for its answer.
   *
   * @param traceContext the stream's, so that the call becomes a child of the stream's span
   * @param done runs once, whatever the outcome; the order has shipped either way
   */
  void shipped(OrderUpdate update, String lane, Context traceContext, Runnable done) {
    boolean toGray = lane.equals(GRAY);
    ShipmentNotice notice =
        ShipmentNotice.newBuilder()
            .setOrderId(update.orderId())
            .setVersion(update.version())
            .build();
    try (Scope scope = traceContext.makeCurrent()) {
      Futures.addCallback(
          (toGray ? gray : stable)
              .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
              .notify(notice),
          new FutureCallback<ShipmentReceipt>() {
            @Override
            public void onSuccess(ShipmentReceipt receipt) {
              NOTICES.labels(toGray ? GRAY : "stable", "ok").inc();
              done.run();
            }

            @Override
            public void onFailure(Throwable t) {
              NOTICES.labels(toGray ? GRAY : "stable", "failed").inc();
              done.run();
            }
          },
          MoreExecutors.directExecutor());
    }
  }
}
