package io.streamgauge;

import io.grpc.CallOptions;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannelBuilder;
import io.grpc.MethodDescriptor;
import io.grpc.ServerBuilder;
import io.grpc.ServerInterceptor;
import io.grpc.ServerStreamTracer;
import io.grpc.ServiceDescriptor;
import io.opentelemetry.api.OpenTelemetry;
import io.prometheus.client.CollectorRegistry;
import io.streamgauge.guard.GuardClock;
import io.streamgauge.stream.StreamBuffer;
import io.streamgauge.stream.StreamRecorder;
import io.streamgauge.stream.StreamSession;
import io.streamgauge.stream.StreamSide;
import io.streamgauge.stream.StreamTiming;
import io.streamgauge.stream.StreamView;
import io.streamgauge.trace.TraceIngress;
import io.streamgauge.wire.MessageCarrier;
import io.streamgauge.wire.Wire;
import io.streamgauge.wire.WireClientInterceptor;
import io.streamgauge.wire.WireServerInterceptor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.function.IntSupplier;

/**
 * Makes the gRPC streams of this process visible while they live. Build one, install it on servers
 * and channels, close it with the process. All methods are safe for any thread.
 */
public final class Streamgauge implements AutoCloseable {

  private final StreamgaugeRooms rooms;

  private Streamgauge(StreamgaugeRooms rooms) {
    this.rooms = rooms;
  }

  StreamgaugeRooms rooms() {
    return rooms;
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Adds interceptor and stream tracer factory; adds nothing when built with enabled=false. */
  public void install(ServerBuilder<?> server) {
    if (rooms.installable) {
      server.intercept(serverInterceptor()).addStreamTracerFactory(serverStreamTracerFactory());
    }
  }

  /** Adds the client interceptor; adds nothing when built with enabled=false. */
  public void install(ManagedChannelBuilder<?> channel) {
    if (rooms.installable) {
      channel.intercept(clientInterceptor());
    }
  }

  /**
   * For those who wire by hand. Register it last, so that it is outermost, and register {@link
   * #serverStreamTracerFactory()} with the same server: without it streams are counted, but what
   * waits before the application's thread is not known.
   */
  public ServerInterceptor serverInterceptor() {
    rooms.table.uses(StreamSide.SERVER);
    rooms.watch();
    return new WireServerInterceptor(rooms.wire);
  }

  /** Belongs to {@link #serverInterceptor()}; on its own it counts only starts and ends. */
  public ServerStreamTracer.Factory serverStreamTracerFactory() {
    return WireServerInterceptor.tracerFactory(rooms.wire);
  }

  /** For those who wire by hand; brings its own stream tracers. */
  public ClientInterceptor clientInterceptor() {
    rooms.table.uses(StreamSide.CLIENT);
    rooms.watch();
    return new WireClientInterceptor(rooms.wire);
  }

  /** Starts all methods of the services at zero, so that a rate exists from the first call on. */
  public void preregister(ServiceDescriptor... services) {
    for (ServiceDescriptor service : services) {
      for (MethodDescriptor<?, ?> method : service.getMethods()) {
        rooms.table.preregister(StreamSide.SERVER, rooms.serverMethods.of(method));
        rooms.table.preregister(StreamSide.CLIENT, rooms.clientMethods.of(method));
      }
    }
  }

  /**
   * Shows a queue of the application's own as depth, stage {@code application}, of the server
   * stream whose gRPC context is current: call it in the service method or in a callback. It leaves
   * with the stream, or when the returned handle is closed.
   *
   * @param name for people; it is no label
   * @param depth messages in the queue now; called by readers on their own threads
   * @return closes without exception, and does nothing where no stream is current
   */
  public static StreamBuffer buffer(String name, IntSupplier depth) {
    StreamBuffer buffer = new StreamBuffer(name, depth);
    StreamRecorder stream = Wire.current();
    if (stream == null) {
      buffer.close();
    } else {
      stream.addBuffer(buffer);
    }
    return buffer;
  }

  /**
   * The same for a client call that is about to be made: {@code stub.withOption(Streamgauge.BUFFER,
   * Streamgauge.clientBuffer("window", window::size))}.
   */
  public static final CallOptions.Key<StreamBuffer> BUFFER = Wire.BUFFER;

  /** A queue for {@link #BUFFER}. */
  public static StreamBuffer clientBuffer(String name, IntSupplier depth) {
    return new StreamBuffer(name, depth);
  }

  /**
   * For a client that opens a new stream after a failure: pass the same session to each call, and
   * each stream's span is linked to the one before. {@code stub.withOption(Streamgauge.SESSION,
   * session)}
   */
  public static final CallOptions.Key<StreamSession> SESSION = Wire.SESSION;

  /** A session for {@link #SESSION}. */
  public static StreamSession session() {
    return new StreamSession();
  }

  /** The streams that are open now, as immutable views in no particular order. */
  public List<StreamView> liveStreams() {
    return rooms.live.views();
  }

  /** Switches on or off for calls that start from now on; open streams are watched to their end. */
  public void setEnabled(boolean enabled) {
    rooms.enabled = enabled;
  }

  /** Takes the metrics out of their registry and leaves new calls alone. */
  @Override
  public void close() {
    rooms.close();
  }

  /** Collects what a gauge is made of; not safe for several threads. */
  public static final class Builder {

    private final StreamgaugeConfig config = new StreamgaugeConfig();
    private final List<Runnable> overlays = new ArrayList<>();
    private OpenTelemetry openTelemetry;
    private CollectorRegistry registry;
    private GuardClock clock = GuardClock.SYSTEM;

    private Builder() {}

    /** Spans and OpenTelemetry metrics go to this instance, with its propagators. */
    public Builder openTelemetry(OpenTelemetry openTelemetry) {
      this.openTelemetry = Objects.requireNonNull(openTelemetry, "openTelemetry");
      return this;
    }

    /** Metrics appear in this simpleclient registry. It carries one gauge at a time. */
    public Builder prometheus(CollectorRegistry registry) {
      this.registry = Objects.requireNonNull(registry, "registry");
      return this;
    }

    /** {@code streamgauge.enabled}: false at build time installs nothing. */
    public Builder enabled(boolean enabled) {
      config.enabled = enabled;
      return this;
    }

    /**
     * {@code streamgauge.exclude}: full service or method names that are left alone, instead of
     * health and reflection.
     */
    public Builder exclude(String... names) {
      config.exclude = new LinkedHashSet<>(Arrays.asList(names));
      return this;
    }

    /**
     * {@code streamgauge.spans}: false where another instrumentation makes the calls' spans. Then
     * ours makes none, writes no headers and leaves out {@code rpc.*.call.duration}; exemplars lead
     * to the span that is current when a stream starts.
     */
    public Builder spans(boolean spans) {
      config.spans = spans;
      return this;
    }

    /**
     * {@code streamgauge.trace.checkpoint}: how often a stream that moves shows itself in its
     * trace; 30 s. Null for never.
     */
    public Builder checkpointEvery(Duration interval) {
      config.checkpoint =
          interval == null ? null : positive(StreamgaugeConfig.TRACE_CHECKPOINT, interval);
      return this;
    }

    /** {@code streamgauge.trace.ingress}: whether callers' trace headers are believed; trusted. */
    public Builder ingress(TraceIngress ingress) {
      config.ingress = Objects.requireNonNull(ingress, "ingress");
      return this;
    }

    /** {@code streamgauge.trace.metadata}: request metadata kept as span attributes; none. */
    public Builder captureMetadata(String... keys) {
      config.metadata = new LinkedHashSet<>(Arrays.asList(keys));
      return this;
    }

    /**
     * Messages of that type, and only those, carry a trace of their own. More than one type may
     * have a carrier.
     */
    public <T> Builder messageCarrier(Class<T> type, MessageCarrier<T> carrier) {
      config.carriers.put(type, Objects.requireNonNull(carrier, "carrier"));
      return this;
    }

    /**
     * {@code streamgauge.message-field}: protobuf messages with a {@code map<string, string>} field
     * of that name carry a trace of their own; none.
     */
    public Builder messageField(String name) {
      config.messageField = name;
      return this;
    }

    /** {@code streamgauge.mdc}: trace id, span id and tag in SLF4J's MDC during callbacks; off. */
    public Builder mdc(boolean mdc) {
      config.mdc = mdc;
      return this;
    }

    /** {@code streamgauge.stall.after}: a stream that stands still this long is stalled; 10 s. */
    public Builder stallAfter(Duration after) {
      config.stallAfter = positive("streamgauge.stall.after", after);
      return this;
    }

    /** {@code streamgauge.stall.methods}: the same for one full method or service name. */
    public Builder stallAfter(String method, Duration after) {
      config.stallMethods.put(method, positive("streamgauge.stall.methods", after));
      return this;
    }

    /**
     * {@code streamgauge.timing}: which messages are timed; one in 16 of each stream by default.
     */
    public Builder timing(StreamTiming timing) {
      config.timing = Objects.requireNonNull(timing, "timing");
      return this;
    }

    private static Duration positive(String key, Duration value) {
      if (value.isZero() || value.isNegative()) {
        throw new IllegalArgumentException(key + " must be above zero, not " + value);
      }
      return value;
    }

    /**
     * Lets {@code STREAMGAUGE_*} variables and then {@code streamgauge.*} system properties
     * override what code sets, before or after this call; a wrong one fails {@link #build()}.
     */
    public Builder fromEnvironment() {
      return fromEnvironment(System.getenv(), System.getProperties());
    }

    Builder fromEnvironment(Map<String, String> environment, Properties properties) {
      overlays.add(() -> config.overlay(environment, properties));
      return this;
    }

    /** For tests: with a hand-moved clock the watch is moved by hand too. */
    Builder clock(GuardClock clock) {
      this.clock = clock;
      return this;
    }

    /**
     * Puts the gauge together and, if a registry was given, shows its metrics there.
     *
     * @throws IllegalArgumentException naming the first key of the environment that is unknown or
     *     has a wrong value
     * @throws IllegalStateException if the Prometheus registry already carries a gauge
     */
    public Streamgauge build() {
      overlays.forEach(Runnable::run);
      StreamgaugeRooms rooms = new StreamgaugeRooms(config, openTelemetry, clock);
      if (registry != null) {
        rooms.showIn(registry);
      }
      return new Streamgauge(rooms);
    }
  }
}
