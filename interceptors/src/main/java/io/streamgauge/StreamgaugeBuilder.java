package io.streamgauge;

import io.opentelemetry.api.OpenTelemetry;
import io.prometheus.client.CollectorRegistry;
import io.streamgauge.gray.GrayPolicy;
import io.streamgauge.internal.config.ConfigFile;
import io.streamgauge.internal.config.GaugeAssembly;
import io.streamgauge.internal.config.GaugeConfig;
import io.streamgauge.internal.guard.NanoClock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;

/** Collects what a gauge is made of; not safe for several threads. */
public final class StreamgaugeBuilder {

  private final GaugeConfig config = new GaugeConfig();
  private final List<Runnable> overlays = new ArrayList<>();
  private OpenTelemetry openTelemetry;
  private CollectorRegistry registry;
  private NanoClock clock = NanoClock.SYSTEM;

  StreamgaugeBuilder() {}

  /** Spans and OpenTelemetry metrics go to this instance, with its propagators. */
  public StreamgaugeBuilder openTelemetry(OpenTelemetry openTelemetry) {
    this.openTelemetry = Objects.requireNonNull(openTelemetry, "openTelemetry");
    return this;
  }

  /** Metrics appear in this simpleclient registry. It carries one gauge at a time. */
  public StreamgaugeBuilder prometheus(CollectorRegistry registry) {
    this.registry = Objects.requireNonNull(registry, "registry");
    return this;
  }

  /** {@code streamgauge.enabled}: false at build time installs nothing. */
  public StreamgaugeBuilder enabled(boolean enabled) {
    config.enabled = enabled;
    return this;
  }

  /**
   * {@code streamgauge.exclude}: full service or method names that are left alone, instead of
   * health and reflection.
   */
  public StreamgaugeBuilder exclude(String... names) {
    config.exclude = new LinkedHashSet<>(Arrays.asList(names));
    return this;
  }

  /**
   * {@code streamgauge.spans}: false where another instrumentation makes the calls' spans. Then
   * ours makes none, writes no headers and leaves out {@code rpc.*.call.duration}; exemplars lead
   * to the span that is current when a stream starts.
   */
  public StreamgaugeBuilder spans(boolean spans) {
    config.spans = spans;
    return this;
  }

  /**
   * {@code streamgauge.trace.checkpoint}: how often a stream that moves shows itself in its trace;
   * 30 s. Null for never.
   */
  public StreamgaugeBuilder checkpointEvery(Duration interval) {
    config.checkpoint = interval == null ? null : positive(GaugeConfig.TRACE_CHECKPOINT, interval);
    return this;
  }

  /** {@code streamgauge.trace.ingress}: whether callers' trace headers are believed; trusted. */
  public StreamgaugeBuilder ingress(TraceTrust ingress) {
    config.ingress = Objects.requireNonNull(ingress, "ingress");
    return this;
  }

  /** {@code streamgauge.trace.metadata}: request metadata kept as span attributes; none. */
  public StreamgaugeBuilder captureMetadata(String... keys) {
    config.metadata = new LinkedHashSet<>(Arrays.asList(keys));
    return this;
  }

  /**
   * Messages of that type, and only those, carry a trace of their own. More than one type may have
   * a carrier.
   */
  public <T> StreamgaugeBuilder messageCarrier(Class<T> type, MessageCarrier<T> carrier) {
    config.carriers.put(type, Objects.requireNonNull(carrier, "carrier"));
    return this;
  }

  /**
   * {@code streamgauge.message-field}: protobuf messages with a {@code map<string, string>} field
   * of that name carry a trace of their own; none.
   */
  public StreamgaugeBuilder messageField(String name) {
    config.messageField = name;
    return this;
  }

  /** {@code streamgauge.mdc}: trace id, span id and tag in SLF4J's MDC during callbacks; off. */
  public StreamgaugeBuilder mdc(boolean mdc) {
    config.mdc = mdc;
    return this;
  }

  /** {@code streamgauge.gray.*}: the rules for gray tags; anything is taken from anybody. */
  public StreamgaugeBuilder gray(GrayPolicy policy) {
    config.gray = policy.toBuilder();
    return this;
  }

  /** {@code streamgauge.gray.enabled}: false leaves the tags of all callers alone. */
  public StreamgaugeBuilder grayEnabled(boolean enabled) {
    config.grayEnabled = enabled;
    return this;
  }

  /**
   * {@code streamgauge.config-file}: a properties file that may change the rules for gray tags,
   * stall thresholds and {@code streamgauge.enabled} while the process runs; none.
   */
  public StreamgaugeBuilder configFile(Path file) {
    config.file = Objects.requireNonNull(file, "file");
    return this;
  }

  /** {@code streamgauge.stall.after}: a stream that stands still this long is stalled; 10 s. */
  public StreamgaugeBuilder stallAfter(Duration after) {
    config.stallAfter = positive("streamgauge.stall.after", after);
    return this;
  }

  /** {@code streamgauge.stall.methods}: the same for one full method or service name. */
  public StreamgaugeBuilder stallAfter(String method, Duration after) {
    config.stallMethods.put(method, positive("streamgauge.stall.methods", after));
    return this;
  }

  /** {@code streamgauge.timing}: which messages are timed; one in 16 of each stream by default. */
  public StreamgaugeBuilder timing(Timing timing) {
    config.timing = Objects.requireNonNull(timing, "timing");
    return this;
  }

  /** {@code streamgauge.cost}: whether a client follows its unary calls on the wire; it does. */
  public StreamgaugeBuilder cost(Cost cost) {
    config.cost = Objects.requireNonNull(cost, "cost");
    return this;
  }

  private static Duration positive(String key, Duration value) {
    if (value.isZero() || value.isNegative()) {
      throw new IllegalArgumentException(key + " must be above zero, not " + value);
    }
    return value;
  }

  /**
   * Lets {@code STREAMGAUGE_*} variables and then {@code streamgauge.*} system properties override
   * what code sets, before or after this call; a wrong one fails {@link #build()}.
   */
  public StreamgaugeBuilder fromEnvironment() {
    return fromEnvironment(System.getenv(), System.getProperties());
  }

  StreamgaugeBuilder fromEnvironment(Map<String, String> environment, Properties properties) {
    overlays.add(() -> config.overlay(environment, properties));
    return this;
  }

  /** For tests: with a hand-moved clock the watch is moved by hand too. */
  StreamgaugeBuilder clock(NanoClock clock) {
    this.clock = clock;
    return this;
  }

  /**
   * Puts the gauge together and, if a registry was given, shows its metrics there.
   *
   * @throws IllegalArgumentException naming the first key of environment or file that is unknown or
   *     has a wrong value
   * @throws IllegalStateException if the Prometheus registry already carries a gauge
   */
  public Streamgauge build() {
    overlays.forEach(Runnable::run);
    GaugeAssembly assembly = new GaugeAssembly(config, openTelemetry, clock);
    try {
      if (registry != null) {
        assembly.showIn(registry);
      }
      if (config.file != null) {
        assembly.closeToo(ConfigFile.watch(config, assembly)::close);
      }
    } catch (RuntimeException e) {
      assembly.close();
      throw e;
    }
    return new Streamgauge(assembly);
  }
}
