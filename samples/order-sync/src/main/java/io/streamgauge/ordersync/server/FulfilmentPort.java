package io.streamgauge.ordersync.server;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.MoreExecutors;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.streamgauge.ordersync.v1.FulfilmentGrpc;
import io.streamgauge.ordersync.v1.ShipmentNotice;
import io.streamgauge.ordersync.v1.ShipmentReceipt;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Fulfilment as one lane of orders sees it, behind a circuit breaker: after enough calls of which
 * most failed, it is left alone for a while and asked again with a few.
 */
final class FulfilmentPort {

  private static final long DEADLINE_SECONDS = 5;

  private static final CircuitBreakerConfig BREAKER =
      CircuitBreakerConfig.custom()
          .failureRateThreshold(60)
          .slidingWindowType(CircuitBreakerConfig.SlidingWindowType.COUNT_BASED)
          .slidingWindowSize(50)
          // One failure of one call is no failure rate.
          .minimumNumberOfCalls(20)
          .waitDurationInOpenState(Duration.ofSeconds(2))
          .permittedNumberOfCallsInHalfOpenState(5)
          .build();

  private final String instance;
  private final FulfilmentGrpc.FulfilmentFutureStub stub;
  private final CircuitBreaker breaker;

  FulfilmentPort(String instance, ManagedChannel channel) {
    this.instance = instance;
    this.stub = FulfilmentGrpc.newFutureStub(channel);
    this.breaker = CircuitBreaker.of(instance, BREAKER);
    ServerMetrics.breaker(instance, false);
    breaker
        .getEventPublisher()
        .onStateTransition(
            event ->
                ServerMetrics.breaker(
                    instance,
                    event.getStateTransition().getToState() == CircuitBreaker.State.OPEN));
  }

  /** Whether it may be asked now. */
  boolean isOpen() {
    return breaker.getState() != CircuitBreaker.State.OPEN;
  }

  /**
   * Sends a notice.
   *
   * @param context the update's, so that the call belongs to the order's trace and carries its tag
   * @param done runs once, with how it ended; at once with UNAVAILABLE while the breaker is open
   */
  void notify(ShipmentNotice notice, Context context, Consumer<Status> done) {
    if (!breaker.tryAcquirePermission()) {
      ServerMetrics.notice(instance, "not_permitted");
      done.accept(Status.UNAVAILABLE.withDescription("the circuit breaker is open"));
      return;
    }
    long begun = System.nanoTime();
    try (Scope scope = context.makeCurrent()) {
      // The order has shipped whatever becomes of the stream that said so: without the fork, the
      // end of that stream would cancel this call.
      io.grpc.Context.current().fork().run(() -> call(notice, begun, done));
    }
  }

  private void call(ShipmentNotice notice, long begun, Consumer<Status> done) {
    Futures.addCallback(
        stub.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS).notify(notice),
        new FutureCallback<ShipmentReceipt>() {
          @Override
          public void onSuccess(ShipmentReceipt receipt) {
            breaker.onSuccess(System.nanoTime() - begun, TimeUnit.NANOSECONDS);
            ServerMetrics.notice(instance, "ok");
            done.accept(Status.OK);
          }

          @Override
          public void onFailure(Throwable t) {
            breaker.onError(System.nanoTime() - begun, TimeUnit.NANOSECONDS, t);
            ServerMetrics.notice(instance, "failed");
            done.accept(Status.fromThrowable(t));
          }
        },
        MoreExecutors.directExecutor());
  }
}
