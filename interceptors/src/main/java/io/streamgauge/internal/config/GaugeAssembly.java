package io.streamgauge.internal.config;

import io.grpc.CallOptions;
import io.grpc.ClientInterceptor;
import io.grpc.MethodDescriptor;
import io.grpc.ServerInterceptor;
import io.grpc.ServerStreamTracer;
import io.grpc.ServiceDescriptor;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.trace.Tracer;
import io.prometheus.client.CollectorRegistry;
import io.streamgauge.CallSide;
import io.streamgauge.ReconnectSession;
import io.streamgauge.StreamQueue;
import io.streamgauge.StreamSnapshot;
import io.streamgauge.Streamgauge;
import io.streamgauge.gray.GrayPolicy;
import io.streamgauge.internal.export.otel.OtelHistograms;
import io.streamgauge.internal.export.otel.OtelObservers;
import io.streamgauge.internal.export.otel.OtelStalls;
import io.streamgauge.internal.export.prometheus.PrometheusCollector;
import io.streamgauge.internal.grpc.CallHooks;
import io.streamgauge.internal.grpc.CallKeys;
import io.streamgauge.internal.grpc.Excludes;
import io.streamgauge.internal.grpc.GaugeClientInterceptor;
import io.streamgauge.internal.grpc.GaugeServerInterceptor;
import io.streamgauge.internal.grpc.HeaderPort;
import io.streamgauge.internal.grpc.MessagePort;
import io.streamgauge.internal.grpc.Methods;
import io.streamgauge.internal.grpc.ScopePort;
import io.streamgauge.internal.grpc.ServerStreams;
import io.streamgauge.internal.guard.Guard;
import io.streamgauge.internal.guard.NanoClock;
import io.streamgauge.internal.live.LiveLook;
import io.streamgauge.internal.live.LiveStreams;
import io.streamgauge.internal.live.StallWatch;
import io.streamgauge.internal.metrics.LaneNames;
import io.streamgauge.internal.metrics.SeriesTable;
import io.streamgauge.internal.stream.ApplicationQueue;
import io.streamgauge.internal.stream.StreamListener;
import io.streamgauge.internal.stream.StreamListeners;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.stream.WatchedMethod;
import io.streamgauge.internal.tagging.TagHeaders;
import io.streamgauge.internal.tagging.TagResolver;
import io.streamgauge.internal.tagging.TagScope;
import io.streamgauge.internal.tracing.CallSpans;
import io.streamgauge.internal.tracing.CheckpointSpans;
import io.streamgauge.internal.tracing.ClientSession;
import io.streamgauge.internal.tracing.ContextScope;
import io.streamgauge.internal.tracing.Mdc;
import io.streamgauge.internal.tracing.MdcScope;
import io.streamgauge.internal.tracing.MessageSpans;
import io.streamgauge.internal.tracing.TraceHeaders;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The parts of one gauge, put together: who listens to whom. What {@link Streamgauge} offers is
 * done here.
 */
public final class GaugeAssembly {

  public static final CallOptions.Key<StreamQueue> QUEUE = CallKeys.QUEUE;
  public static final CallOptions.Key<ReconnectSession> SESSION = CallKeys.SESSION;

  private static final Logger logger = Logger.getLogger("io.streamgauge");

  private static final String SCOPE = "io.streamgauge";

  /** Of this build; a test compares it with the POM. */
  public static final String VERSION = "0.1.0-SNAPSHOT";

  private final Guard guard = new Guard();
  private final Methods serverMethods;
  private final Methods clientMethods;
  private final LiveStreams live;
  private final LaneNames lanes = new LaneNames();
  private final SeriesTable table;
  private final CheckedSdkAccess sdk;
  private final CallHooks hooks;
  private final StallWatch watch;
  private final boolean installable;

  /** Null where gray tags are off. */
  private final TagResolver gray;

  /** Written under this object; each call reads it once, without the monitor. */
  private volatile boolean enabled;

  private boolean closed;

  /** Whether the configuration file decides {@link #enabled} now; guarded by this object. */
  private boolean fileNamesEnabled;

  /** Replaced by the thread that changes the configuration; the watch reads it at each look. */
  private volatile ToLongFunction<WatchedMethod> stallAfter;

  private final NanoClock clock;
  private final AtomicBoolean watching = new AtomicBoolean();
  private final List<Runnable> closers = new CopyOnWriteArrayList<>();

  public GaugeAssembly(GaugeConfig config, OpenTelemetry openTelemetry, NanoClock clock) {
    this.clock = clock;
    enabled = config.enabled;
    installable = config.enabled;
    serverMethods = new Methods(config.exclude);
    clientMethods = new Methods(config.exclude);
    live = new LiveStreams(clock, lanes::lane);
    table = new SeriesTable(guard, clock, live, lanes);
    sdk = new CheckedSdkAccess(GaugeAccess.sdk());

    gray = config.grayEnabled ? new TagResolver(guard, config.gray.build()) : null;
    stallAfter = stallAfter(config);
    if (gray != null) {
      lanes.allow(gray.policy().lanes());
    }
    List<StreamListener> listeners = new ArrayList<>();
    ScopePort scope = ScopePort.NONE;
    listeners.add(live);
    listeners.add(table);
    TagHeaders tags = gray == null ? null : new TagHeaders(gray);
    HeaderPort headers = headers(openTelemetry, config, tags, listeners);
    if (openTelemetry != null) {
      showIn(openTelemetry, config.spans);
    }
    if (openTelemetry != null || tags != null) {
      scope = new ContextScope();
    }
    if (tags != null) {
      scope = new TagScope(scope);
      listeners.add(tags);
    }
    Set<String> excluded = new LinkedHashSet<>(config.exclude);
    excluded.removeAll(GaugeConfig.EXCLUDED);
    if (!excluded.isEmpty()) {
      listeners.add(new Excludes(excluded, serverMethods, clientMethods));
    }
    Mdc logKeys = config.mdc ? logKeys() : null;
    if (logKeys != null) {
      scope = new MdcScope(scope, logKeys);
    }
    this.hooks =
        new CallHooks(
            guard,
            clock,
            new StreamListeners(guard, listeners),
            config.timing,
            config.cost,
            serverMethods,
            clientMethods,
            headers,
            scope,
            messages(config, openTelemetry, logKeys),
            () -> enabled);
    watch = new StallWatch(guard, this.hooks, live, method -> stallAfter.applyAsLong(method));
    closers.add(watch::close);
  }

  /** Null where nothing is to be done with the headers of calls. */
  private HeaderPort headers(
      OpenTelemetry openTelemetry,
      GaugeConfig config,
      TagHeaders tags,
      List<StreamListener> listeners) {
    if (openTelemetry == null || !config.spans) {
      boolean foreign = openTelemetry != null;
      return foreign || tags != null ? new CallHeaders(guard, null, null, foreign, tags) : null;
    }
    TraceHeaders trace =
        new TraceHeaders(openTelemetry.getPropagators().getTextMapPropagator(), config.ingress);
    Tracer tracer = openTelemetry.tracerBuilder(SCOPE).setInstrumentationVersion(VERSION).build();
    CallSpans spans =
        new CallSpans(
            tracer,
            sdk.ask(known -> known.spans(openTelemetry, tracer, SCOPE, VERSION), null),
            config.metadata);
    listeners.add(spans);
    if (config.checkpoint != null) {
      listeners.add(new CheckpointSpans(tracer, config.checkpoint.toNanos()));
    }
    return new CallHeaders(guard, trace, spans, false, tags);
  }

  /** Null, and nothing is done per message, unless a carrier or a field was named. */
  private MessagePort messages(GaugeConfig config, OpenTelemetry openTelemetry, Mdc logKeys) {
    if (config.carriers.isEmpty() && config.messageField == null) {
      return null;
    }
    OpenTelemetry traces = openTelemetry == null ? OpenTelemetry.noop() : openTelemetry;
    return new MessageSpans(
        traces.tracerBuilder(SCOPE).setInstrumentationVersion(VERSION).build(),
        traces.getPropagators().getTextMapPropagator(),
        config.ingress,
        gray,
        config.carriers,
        config.messageField,
        logKeys);
  }

  /** Null where SLF4J is not there. */
  private Mdc logKeys() {
    try {
      return new Mdc(guard);
    } catch (LinkageError e) {
      logger.log(Level.WARNING, "{0}=true, but there is no SLF4J", GaugeConfig.MDC);
      return null;
    }
  }

  /** The method's own threshold, else its service's, else the common one. */
  private static ToLongFunction<WatchedMethod> stallAfter(GaugeConfig config) {
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

  /** Takes over what may change while the process runs. */
  synchronized void apply(GaugeConfig next) {
    if (closed) {
      return;
    }
    if (gray != null) {
      swap(next.gray.build());
    }
    stallAfter = stallAfter(next);
    // What the file no longer names is as it was before the file named it.
    if (next.enabledNamed || fileNamesEnabled) {
      enabled = next.enabled;
    }
    fileNamesEnabled = next.enabledNamed;
  }

  /** Does nothing once the gauge is closed. */
  public synchronized void enable(boolean on) {
    if (!closed) {
      enabled = on;
    }
  }

  // ---- what Streamgauge calls ----------------------------------------------------------------

  /** Whether the gauge was on when it was built. */
  public boolean isInstallable() {
    return installable;
  }

  public boolean isEnabled() {
    return enabled;
  }

  public ServerInterceptor serverInterceptor() {
    table.uses(CallSide.SERVER);
    startWatch();
    return new GaugeServerInterceptor(hooks);
  }

  public ServerStreamTracer.Factory serverStreamTracerFactory() {
    return GaugeServerInterceptor.tracerFactory(hooks);
  }

  public ClientInterceptor clientInterceptor() {
    table.uses(CallSide.CLIENT);
    startWatch();
    hooks.clientInterceptor();
    return new GaugeClientInterceptor(hooks);
  }

  public void preregister(ServiceDescriptor... services) {
    for (ServiceDescriptor service : services) {
      for (MethodDescriptor<?, ?> method : service.getMethods()) {
        table.preregister(CallSide.SERVER, serverMethods.register(method));
        table.preregister(CallSide.CLIENT, clientMethods.register(method));
      }
    }
  }

  /** A queue of the server stream whose context is current; closed where there is none. */
  public static StreamQueue queueOfCurrentStream(String name, IntSupplier depth) {
    ApplicationQueue queue = new ApplicationQueue(name, depth);
    StreamRecorder stream = ServerStreams.current();
    if (stream == null) {
      queue.close();
    } else {
      stream.addQueue(queue);
    }
    return queue;
  }

  public static StreamQueue newQueue(String name, IntSupplier depth) {
    return new ApplicationQueue(name, depth);
  }

  public static ReconnectSession newSession() {
    return new ClientSession();
  }

  public List<StreamSnapshot> liveStreams() {
    return live.snapshots();
  }

  /** The streams that are open now, and what those before came to since the gauge was built. */
  public LiveLook look() {
    LiveLook look = live.look();
    table.addCleanEnds(look);
    return look;
  }

  /** Shows numbers of endpoints by raw tag and state; returns what undoes it. */
  public Runnable laneEndpoints(Supplier<Map<String, Map<String, Integer>>> source) {
    return table.endpoints(source);
  }

  /**
   * @throws IllegalStateException if tags were switched off at build time
   */
  public GrayPolicy grayPolicy() {
    return resolver().policy();
  }

  /**
   * @throws IllegalStateException if tags were switched off at build time
   */
  public void changeGrayPolicy(GrayPolicy policy) {
    resolver();
    swap(policy);
    table.configChanged(true);
    logger.log(Level.INFO, "the rules for gray tags were changed: {0}", policy);
  }

  private TagResolver resolver() {
    if (gray == null) {
      throw new IllegalStateException(GrayKeys.ENABLED + " is false");
    }
    return gray;
  }

  private synchronized void swap(GrayPolicy policy) {
    lanes.allow(policy.lanes());
    gray.policy(policy);
  }

  /** For tests that move the clock by hand, and the watch with it. */
  public StallWatch watch() {
    return watch;
  }

  /** The configuration file was read again; what it says was taken over, or was wrong. */
  void configChanged(boolean applied) {
    table.configChanged(applied);
  }

  /** The rules for gray tags, for the log; empty where tags are off. */
  String policyText() {
    return gray == null ? "" : gray.policy().toString();
  }

  Guard guard() {
    return guard;
  }

  /** Something is being watched from now on. */
  private void startWatch() {
    if (clock == NanoClock.SYSTEM && watching.compareAndSet(false, true)) {
      watch.start();
    }
  }

  /** Runs that too when the gauge is closed. */
  public void closeToo(Runnable closer) {
    closers.add(closer);
  }

  private void showIn(OpenTelemetry openTelemetry, boolean rpcDurations) {
    Meter meter = openTelemetry.meterBuilder(SCOPE).setInstrumentationVersion(VERSION).build();
    closers.add(OtelObservers.register(guard, table::snapshot, meter));
    table.tell(new OtelStalls(meter));
    Runnable letGo =
        sdk.ask(
            known ->
                known.giveHistograms(openTelemetry, SCOPE, VERSION, rpcDurations, guard, table),
            null);
    if (letGo == null) {
      boolean paced = sdk.ask(known -> known.hasExemplarsBySpan(openTelemetry), false);
      table.tell(new OtelHistograms(meter, rpcDurations, paced));
    } else {
      closers.add(letGo);
    }
  }

  /**
   * @throws IllegalStateException if the registry carries a gauge already
   */
  public void showIn(CollectorRegistry registry) {
    closers.add(PrometheusCollector.register(guard, table::snapshot, registry));
  }

  /** Each part is closed, whatever another one throws. */
  public void close() {
    synchronized (this) {
      closed = true;
      enabled = false;
    }
    for (Runnable closer : closers) {
      try {
        closer.run();
      } catch (Throwable t) {
        guard.swallow("close", t);
      }
    }
    closers.clear();
  }
}
