package io.streamgauge.ordersync.server;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.MoreExecutors;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.prometheus.client.Counter;
import io.streamgauge.ordersync.domain.OrderUpdate;
import io.streamgauge.ordersync.v1.FulfilmentGrpc;
import io.streamgauge.ordersync.v1.ShipmentNotice;
import io.streamgauge.ordersync.v1.ShipmentReceipt;
import java.util.concurrent.TimeUnit;

/**
 * Tells fulfilment that an order ships: the gray instance for gray orders, the stable one for all
 * others, and for gray ones too while the gray instance is not there.
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
  private final SyncTotals totals;

  ShipmentNotifier(ManagedChannel stable, ManagedChannel gray, SyncTotals totals) {
    this.totals = totals;
    this.stable = FulfilmentGrpc.newFutureStub(stable);
    this.gray = FulfilmentGrpc.newFutureStub(gray);
  }

  /**
   * Sends the notice without waiting for its answer.
   *
   * @param context the update's, so that the call belongs to the order's trace
   * @param done runs once, whatever the outcome; the order has shipped either way
   */
  void shipped(OrderUpdate update, boolean isGray, Context context, Runnable done) {
    ShipmentNotice notice =
        ShipmentNotice.newBuilder()
            .setOrderId(update.orderId())
            .setVersion(update.version())
            .build();
    if (isGray) {
      totals.grayShipped();
    }
    send(notice, isGray, context, done);
  }

  private void send(ShipmentNotice notice, boolean toGray, Context context, Runnable done) {
    try (Scope scope = context.makeCurrent()) {
      Futures.addCallback(
          (toGray ? gray : stable)
              .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
              .notify(notice),
          new FutureCallback<ShipmentReceipt>() {
            @Override
            public void onSuccess(ShipmentReceipt receipt) {
              count(toGray, "ok");
              done.run();
            }

            @Override
            public void onFailure(Throwable t) {
              if (toGray && Status.fromThrowable(t).getCode() == Status.Code.UNAVAILABLE) {
                count(true, "fallback");
                totals.fellBack();
                send(notice, false, context, done);
                return;
              }
              count(toGray, "failed");
              done.run();
            }
          },
          MoreExecutors.directExecutor());
    }
  }

  private static void count(boolean toGray, String outcome) {
    NOTICES.labels(toGray ? GRAY : "stable", outcome).inc();
  }
}
