package io.streamgauge;

import io.grpc.CallOptions;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannelBuilder;
import io.grpc.ServerBuilder;
import io.grpc.ServerInterceptor;
import io.grpc.ServerStreamTracer;
import io.grpc.ServiceDescriptor;
import io.streamgauge.gray.GrayPolicy;
import io.streamgauge.internal.config.GaugeAccess;
import io.streamgauge.internal.config.GaugeAssembly;
import java.util.List;
import java.util.function.IntSupplier;

/**
 * Makes the gRPC streams of this process visible while they live. Build one, install it on servers
 * and channels, close it with the process. All methods are safe for any thread.
 */
public final class Streamgauge implements AutoCloseable {

  static {
    GaugeAccess.ofGauge(gauge -> gauge.assembly);
  }

  /**
   * A queue of the application's that belongs to a client call about to be made: {@code
   * stub.withOption(Streamgauge.QUEUE, Streamgauge.clientQueue("window", window::size))}.
   */
  public static final CallOptions.Key<StreamQueue> QUEUE = GaugeAssembly.QUEUE;

  /**
   * For a client that opens a new stream after a failure: pass the same session to each call, and
   * each stream's span is linked to the one before. {@code stub.withOption(Streamgauge.SESSION,
   * session)}
   */
  public static final CallOptions.Key<ReconnectSession> SESSION = GaugeAssembly.SESSION;

  private final GaugeAssembly assembly;

  Streamgauge(GaugeAssembly assembly) {
    this.assembly = assembly;
  }

  /** A builder with the defaults; it reads the environment only if it is told to. */
  public static StreamgaugeBuilder builder() {
    return new StreamgaugeBuilder();
  }

  /** Adds interceptor and stream tracer factory; adds nothing when built with enabled=false. */
  public void install(ServerBuilder<?> server) {
    if (assembly.isInstallable()) {
      server.intercept(serverInterceptor()).addStreamTracerFactory(serverStreamTracerFactory());
    }
  }

  /** Adds the client interceptor; adds nothing when built with enabled=false. */
  public void install(ManagedChannelBuilder<?> channel) {
    if (assembly.isInstallable()) {
      channel.intercept(clientInterceptor());
    }
  }

  /**
   * The interceptor of {@link #install(ServerBuilder)}, for servers that are put together by hand.
   * Register it last, so that it is outermost, and register {@link #serverStreamTracerFactory()}
   * with the same server: without it streams are counted, but what waits before the application's
   * thread is not known.
   */
  public ServerInterceptor serverInterceptor() {
    return assembly.serverInterceptor();
  }

  /** Belongs to {@link #serverInterceptor()}; on its own it counts only starts and ends. */
  public ServerStreamTracer.Factory serverStreamTracerFactory() {
    return assembly.serverStreamTracerFactory();
  }

  /**
   * The interceptor of {@link #install(ManagedChannelBuilder)}, for channels and stubs that are put
   * together by hand; it brings its own stream tracers.
   */
  public ClientInterceptor clientInterceptor() {
    return assembly.clientInterceptor();
  }

  /** Starts all methods of the services at zero, so that a rate exists from the first call on. */
  public void preregister(ServiceDescriptor... services) {
    assembly.preregister(services);
  }

  /**
   * Shows a queue of the application's own as depth, stage {@code application}, of the server
   * stream whose gRPC context is current: call it in the service method or in a callback. It leaves
   * with the stream, or when the returned handle is closed.
   *
   * @param name for people; it is no label
   * @param depth messages in the queue now; called about once a second on a thread of the stall
   *     watch, which holds no lock. Should it not return, it is not called again until it has, and
   *     what it said last is shown
   * @return closes without exception, and does nothing where no stream is current
   */
  public static StreamQueue queue(String name, IntSupplier depth) {
    return GaugeAssembly.queueOfCurrentStream(name, depth);
  }

  /**
   * A queue for {@link #QUEUE}; the same one may be given to several calls.
   *
   * @param depth as in {@link #queue}
   */
  public static StreamQueue clientQueue(String name, IntSupplier depth) {
    return GaugeAssembly.newQueue(name, depth);
  }

  /** A session for {@link #SESSION}. */
  public static ReconnectSession session() {
    return GaugeAssembly.newSession();
  }

  /** The streams that are open now, as immutable snapshots in no particular order. */
  public List<StreamSnapshot> liveStreams() {
    return assembly.liveStreams();
  }

  /**
   * Switches on or off for calls that start from now on; open streams are watched to their end.
   * Does nothing once the gauge is closed.
   */
  public void setEnabled(boolean enabled) {
    assembly.enable(enabled);
  }

  /**
   * The rules for gray tags now.
   *
   * @throws IllegalStateException if they were switched off at build time
   */
  public GrayPolicy grayPolicy() {
    return assembly.grayPolicy();
  }

  /**
   * Other rules for gray tags, from the next call and message on. A configuration file that changes
   * later wins again.
   *
   * @throws IllegalStateException if tags were switched off at build time
   */
  public void grayPolicy(GrayPolicy policy) {
    assembly.changeGrayPolicy(policy);
  }

  /** Takes the metrics out of their registry and leaves new calls alone. */
  @Override
  public void close() {
    assembly.close();
  }
}
