package io.streamgauge.ordersync.server;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.health.v1.HealthGrpc;
import io.prometheus.client.Gauge;
import java.util.Locale;

/**
 * Where the server is in its life, shown as a gauge. From the moment it drains, new streams are
 * refused with a hint, and those that are open may finish; health checks are answered to the end.
 */
final class Lifecycle implements ServerInterceptor {

  /** In the order in which a server goes through them. */
  enum State {
    ACTIVE,
    DRAINING,
    CLOSING,
    CLOSED
  }

  private static final Gauge GAUGE =
      Gauge.build()
          .name("ordersync_state")
          .help("Where the server is in its life: one of the states is 1.")
          .labelNames("state")
          .register();

  private volatile State state = State.ACTIVE;

  Lifecycle() {
    enter(State.ACTIVE);
  }

  void enter(State next) {
    state = next;
    for (State each : State.values()) {
      GAUGE.labels(each.name().toLowerCase(Locale.ROOT)).set(each == next ? 1 : 0);
    }
  }

  State state() {
    return state;
  }

  @Override
  public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
      ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
    boolean health = HealthGrpc.SERVICE_NAME.equals(call.getMethodDescriptor().getServiceName());
    if (state == State.ACTIVE || health) {
      return next.startCall(call, headers);
    }
    call.close(
        Status.UNAVAILABLE.withDescription("this instance is draining, try another"),
        new Metadata());
    return new ServerCall.Listener<>() {};
  }
}
