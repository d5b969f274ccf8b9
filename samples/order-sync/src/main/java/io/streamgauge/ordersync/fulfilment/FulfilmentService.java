package io.streamgauge.ordersync.fulfilment;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.streamgauge.ordersync.v1.FulfilmentGrpc;
import io.streamgauge.ordersync.v1.ShipmentNotice;
import io.streamgauge.ordersync.v1.ShipmentReceipt;
import java.util.concurrent.ThreadLocalRandom;

/** Takes shipment notices, and fails a share of them when told to. */
final class FulfilmentService extends FulfilmentGrpc.FulfilmentImplBase {

  private final String instance;
  private final double failShare;

  FulfilmentService(String instance, double failShare) {
    this.instance = instance;
    this.failShare = failShare;
  }

  @Override
  public void notify(ShipmentNotice notice, StreamObserver<ShipmentReceipt> response) {
    if (notice.getOrderId().isEmpty()) {
      response.onError(
          Status.INVALID_ARGUMENT.withDescription("order_id is missing").asRuntimeException());
    } else if (failShare > 0 && ThreadLocalRandom.current().nextDouble() < failShare) {
      response.onError(
          Status.INTERNAL
              .withDescription("instance " + instance + " fails on purpose")
              .asRuntimeException());
    } else {
      response.onNext(ShipmentReceipt.newBuilder().setInstance(instance).build());
      response.onCompleted();
    }
  }
}
