package io.streamgauge.ordersync.fulfilment;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.streamgauge.ordersync.telemetry.Attachment;
import io.streamgauge.ordersync.v1.FulfilmentGrpc;
import io.streamgauge.ordersync.v1.ShipmentNotice;
import io.streamgauge.ordersync.v1.ShipmentReceipt;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/** Takes shipment notices, and fails a share of them when told to. */
final class FulfilmentService extends FulfilmentGrpc.FulfilmentImplBase {

  private final Attachment attachment;
  private final String instance;
  private final double failShare;
  private final Duration handling;

  /** Notices come at least once; what is repeated within the last million is known. */
  private final Cache<String, Boolean> heardOf =
      CacheBuilder.newBuilder().maximumSize(1_000_000).build();

  private final LongAdder notices = new LongAdder();
  private final LongAdder gray = new LongAdder();

  FulfilmentService(Attachment attachment, String instance, double failShare, Duration handling) {
    this.attachment = attachment;
    this.instance = instance;
    this.failShare = failShare;
    this.handling = handling;
  }

  String totals() {
    return "notices=" + notices + " orders=" + heardOf.size() + " gray=" + gray;
  }

  @Override
  public void notify(ShipmentNotice notice, StreamObserver<ShipmentReceipt> response) {
    notices.increment();
    LockSupport.parkNanos(handling.toNanos()); // as a store behind it would take its time
    if (notice.getOrderId().isEmpty()) {
      response.onError(
          Status.INVALID_ARGUMENT.withDescription("order_id is missing").asRuntimeException());
    } else if (failShare > 0 && ThreadLocalRandom.current().nextDouble() < failShare) {
      response.onError(
          Status.INTERNAL
              .withDescription("instance " + instance + " fails on purpose")
              .asRuntimeException());
    } else {
      boolean first = heardOf.asMap().putIfAbsent(notice.getOrderId(), true) == null;
      if (first && attachment.tag().equals(Attachment.GRAY)) {
        gray.increment();
      }
      response.onNext(
          ShipmentReceipt.newBuilder().setInstance(instance).setRepeated(!first).build());
      response.onCompleted();
    }
  }
}
