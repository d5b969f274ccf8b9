package io.streamgauge.ordersync.server;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.streamgauge.ordersync.flow.Refusal;
import java.util.function.IntSupplier;

/** The service's own numbers, beside those of the toolkit. */
final class ServerMetrics {

  private static final Counter REFUSALS =
      Counter.build()
          .name("ordersync_refusals_total")
          .help("Updates that were not taken and must be sent again, by reason.")
          .labelNames("reason")
          .register();

  private static final Counter NOTICES =
      Counter.build()
          .name("ordersync_shipment_notices_total")
          .help("Notices sent to fulfilment, by instance and outcome.")
          .labelNames("instance", "outcome")
          .register();

  private static final Counter RELOADS =
      Counter.build()
          .name("ordersync_limits_reloads_total")
          .help("Changes of the limits file that were noticed, by outcome.")
          .labelNames("outcome")
          .register();

  private static final Gauge BREAKER =
      Gauge.build()
          .name("ordersync_breaker_open")
          .help("1 while the circuit breaker of a fulfilment instance lets nothing through.")
          .labelNames("instance")
          .register();

  static {
    for (Refusal each : Refusal.values()) {
      REFUSALS.labels(each.label());
    }
  }

  private ServerMetrics() {}

  static void refused(Refusal why) {
    REFUSALS.labels(why.label()).inc();
  }

  static void notice(String instance, String outcome) {
    NOTICES.labels(instance, outcome).inc();
  }

  static void reloaded(boolean good) {
    RELOADS.labels(good ? "ok" : "failed").inc();
  }

  static void breaker(String instance, boolean open) {
    BREAKER.labels(instance).set(open ? 1 : 0);
  }

  /** Shows a depth of the server that is in use now; a later one takes its place. */
  static void depth(String name, String help, IntSupplier depth) {
    GAUGES.computeIfAbsent(name, key -> Depth.register(key, help)).now = depth;
  }

  private static final java.util.Map<String, Depth> GAUGES =
      new java.util.concurrent.ConcurrentHashMap<>();

  /** A gauge that asks when it is read. */
  private static final class Depth {
    private volatile IntSupplier now = () -> 0;

    static Depth register(String name, String help) {
      Depth depth = new Depth();
      Gauge gauge = Gauge.build().name(name).help(help).create();
      gauge.setChild(
          new Gauge.Child() {
            @Override
            public double get() {
              return depth.now.getAsInt();
            }
          });
      CollectorRegistry.defaultRegistry.register(gauge);
      return depth;
    }
  }
}
