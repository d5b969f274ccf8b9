package io.streamgauge;

import io.opentelemetry.api.OpenTelemetry;
import io.prometheus.client.CollectorRegistry;
import io.streamgauge.export.prometheus.PrometheusCollector;
import io.streamgauge.guard.Guard;
import io.streamgauge.guard.GuardClock;
import io.streamgauge.meter.MeterTable;
import io.streamgauge.stream.LiveStreams;
import io.streamgauge.stream.StreamListener;
import io.streamgauge.stream.StreamListeners;
import io.streamgauge.trace.TraceHeaders;
import io.streamgauge.trace.TraceScope;
import io.streamgauge.trace.TraceSpans;
import io.streamgauge.wire.HeaderHook;
import io.streamgauge.wire.Wire;
import io.streamgauge.wire.WireMethods;
import io.streamgauge.wire.WireScope;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The rooms of one gauge, put together: who listens to whom, and in which order hooks run. */
final class StreamgaugeRooms {

  private static final String SCOPE = "io.streamgauge";

  final Guard guard = new Guard();
  final WireMethods serverMethods;
  final WireMethods clientMethods;
  final LiveStreams live;
  final MeterTable table;
  final Wire wire;
  final boolean installable;

  volatile boolean enabled;

  private final List<Runnable> closers = new CopyOnWriteArrayList<>();

  StreamgaugeRooms(StreamgaugeConfig config, OpenTelemetry openTelemetry, GuardClock clock) {
    enabled = config.enabled;
    installable = config.enabled;
    serverMethods = new WireMethods(config.exclude);
    clientMethods = new WireMethods(config.exclude);
    live = new LiveStreams(clock);
    table = new MeterTable(guard, clock, live);

    List<StreamListener> listeners = new ArrayList<>();
    List<HeaderHook> hooks = new ArrayList<>();
    WireScope scope = WireScope.NONE;
    listeners.add(live);
    listeners.add(table);
    if (openTelemetry != null) {
      TraceHeaders headers =
          new TraceHeaders(openTelemetry.getPropagators().getTextMapPropagator());
      TraceSpans spans = new TraceSpans(openTelemetry.getTracer(SCOPE));
      hooks.add(headers.extracting());
      hooks.add(spans);
      hooks.add(headers.injecting());
      listeners.add(spans);
      scope = new TraceScope();
    }
    wire =
        new Wire(
            guard,
            clock,
            serverMethods,
            clientMethods,
            new StreamListeners(guard, listeners),
            hooks,
            scope,
            () -> enabled);
  }

  void showIn(CollectorRegistry registry) {
    closers.add(PrometheusCollector.register(table::snapshot, registry));
  }

  void close() {
    enabled = false;
    closers.forEach(Runnable::run);
    closers.clear();
  }
}
