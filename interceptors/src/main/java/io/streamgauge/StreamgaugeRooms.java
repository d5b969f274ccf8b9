package io.streamgauge;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.trace.Tracer;
import io.prometheus.client.CollectorRegistry;
import io.streamgauge.export.otel.OtelEvents;
import io.streamgauge.export.otel.OtelMeters;
import io.streamgauge.export.prometheus.PrometheusCollector;
import io.streamgauge.guard.Guard;
import io.streamgauge.guard.GuardClock;
import io.streamgauge.meter.MeterLanes;
import io.streamgauge.meter.MeterTable;
import io.streamgauge.stream.LiveStreams;
import io.streamgauge.stream.StallWatch;
import io.streamgauge.stream.StreamEnv;
import io.streamgauge.stream.StreamListener;
import io.streamgauge.stream.StreamListeners;
import io.streamgauge.stream.StreamMethod;
import io.streamgauge.trace.TraceCheckpoints;
import io.streamgauge.trace.TraceHeaders;
import io.streamgauge.trace.TraceLinks;
import io.streamgauge.trace.TraceMdc;
import io.streamgauge.trace.TraceMessages;
import io.streamgauge.trace.TraceScope;
import io.streamgauge.trace.TraceSpans;
import io.streamgauge.wire.HeaderHook;
import io.streamgauge.wire.MessageHook;
import io.streamgauge.wire.Wire;
import io.streamgauge.wire.WireMethods;
import io.streamgauge.wire.WireScope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.logging.Logger;

/** The rooms of one gauge, put together: who listens to whom, and in which order hooks run. */
final class StreamgaugeRooms {

  private static final Logger logger = Logger.getLogger("io.streamgauge");

  private static final String SCOPE = "io.streamgauge";

  final Guard guard = new Guard();
  final WireMethods serverMethods;
  final WireMethods clientMethods;
  final LiveStreams live;
  final MeterLanes lanes = new MeterLanes();
  final MeterTable table;
  final Wire wire;
  final StallWatch watch;
  final boolean installable;

  volatile boolean enabled;

  private final GuardClock clock;
  private final AtomicBoolean watching = new AtomicBoolean();
  private final List<Runnable> closers = new CopyOnWriteArrayList<>();

  StreamgaugeRooms(StreamgaugeConfig config, OpenTelemetry openTelemetry, GuardClock clock) {
    this.clock = clock;
    enabled = config.enabled;
    installable = config.enabled;
    serverMethods = new WireMethods(config.exclude);
    clientMethods = new WireMethods(config.exclude);
    live = new LiveStreams(clock);
    table = new MeterTable(guard, clock, live, lanes);

    List<StreamListener> listeners = new ArrayList<>();
    List<HeaderHook> hooks = new ArrayList<>();
    WireScope scope = WireScope.NONE;
    listeners.add(live);
    listeners.add(table);
    if (openTelemetry != null) {
      if (config.spans) {
        addSpans(openTelemetry, config, hooks, listeners);
      } else {
        hooks.add(new TraceLinks());
      }
      scope = new TraceScope();
      showIn(openTelemetry.getMeter(SCOPE), config.spans);
    }
    if (config.mdc) {
      scope = withMdc(scope);
    }
    StreamEnv env =
        new StreamEnv(guard, clock, new StreamListeners(guard, listeners), config.timing);
    watch = new StallWatch(guard, env, live, stallAfter(config));
    closers.add(watch::close);
    wire =
        new Wire(
            guard,
            serverMethods,
            clientMethods,
            env,
            hooks,
            scope,
            messages(config, openTelemetry),
            () -> enabled);
  }

  private static void addSpans(
      OpenTelemetry openTelemetry,
      StreamgaugeConfig config,
      List<HeaderHook> hooks,
      List<StreamListener> listeners) {
    TraceHeaders headers =
        new TraceHeaders(openTelemetry.getPropagators().getTextMapPropagator(), config.ingress);
    Tracer tracer = openTelemetry.getTracer(SCOPE);
    TraceSpans spans = new TraceSpans(tracer, config.metadata);
    hooks.add(headers.extracting());
    hooks.add(spans);
    hooks.add(headers.injecting());
    listeners.add(spans);
    if (config.checkpoint != null) {
      listeners.add(new TraceCheckpoints(tracer, config.checkpoint.toNanos()));
    }
  }

  /** Null, and nothing is done per message, unless a carrier or a field was named. */
  private static MessageHook messages(StreamgaugeConfig config, OpenTelemetry openTelemetry) {
    if (openTelemetry == null || (config.carriers.isEmpty() && config.messageField == null)) {
      return null;
    }
    return new TraceMessages(
        openTelemetry.getTracer(SCOPE),
        openTelemetry.getPropagators().getTextMapPropagator(),
        config.ingress,
        config.carriers,
        config.messageField);
  }

  /** The MDC around the scope, where it is asked for and SLF4J is there. */
  private WireScope withMdc(WireScope scope) {
    try {
      return new TraceMdc(scope, guard);
    } catch (LinkageError e) {
      logger.log(Level.WARNING, "{0}=true, but there is no SLF4J", StreamgaugeConfig.MDC);
      return scope;
    }
  }

  /** The method's own threshold, else its service's, else the common one. */
  private static java.util.function.ToLongFunction<StreamMethod> stallAfter(
      StreamgaugeConfig config) {
    Map<String, Duration> own = new HashMap<>(config.stallMethods);
    long common = config.stallAfter.toNanos();
    return method -> {
      if (own.isEmpty()) {
        return common;
      }
      Duration found = own.getOrDefault(method.fullName(), own.get(method.service()));
      return found == null ? common : found.toNanos();
    };
  }

  /** Something is being watched from now on. */
  void watch() {
    if (clock == GuardClock.SYSTEM && watching.compareAndSet(false, true)) {
      watch.start();
    }
  }

  private void showIn(Meter meter, boolean rpcDurations) {
    closers.add(OtelMeters.register(guard, table::snapshot, meter));
    table.tell(new OtelEvents(meter, rpcDurations));
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
