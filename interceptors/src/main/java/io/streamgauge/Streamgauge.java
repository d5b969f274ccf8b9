package io.streamgauge;

import io.streamgauge.internal.tagging.TagResolver;

import io.streamgauge.internal.grpc.CallHooks;
import io.streamgauge.internal.grpc.GaugeClientInterceptor;
import io.streamgauge.internal.grpc.GaugeServerInterceptor;

import io.grpc.CallOptions;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannelBuilder;
import io.grpc.MethodDescriptor;
import io.grpc.ServerBuilder;
import io.grpc.ServerInterceptor;
import io.grpc.ServerStreamTracer;
import io.grpc.ServiceDescriptor;
import io.streamgauge.gray.GrayPolicy;
import io.streamgauge.internal.live.LiveLook;
import io.streamgauge.internal.live.StreamView;
import io.streamgauge.internal.stream.ApplicationQueue;
import io.streamgauge.internal.stream.ClientSession;
import io.streamgauge.internal.stream.StreamRecorder;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Makes the gRPC streams of this process visible while they live. Build one, install it on servers
 * and channels, close it with the process. All methods are safe for any thread.
 */
public final class Streamgauge implements AutoCloseable {

  private static final Logger logger = Logger.getLogger("io.streamgauge");

  private final StreamgaugeRooms rooms;

  Streamgauge(StreamgaugeRooms rooms) {
    this.rooms = rooms;
  }

  StreamgaugeRooms rooms() {
    return rooms;
  }

  public static StreamgaugeBuilder builder() {
    return new StreamgaugeBuilder();
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
    rooms.table.uses(CallSide.SERVER);
    rooms.watch();
    return new GaugeServerInterceptor(rooms.wire);
  }

  /** Belongs to {@link #serverInterceptor()}; on its own it counts only starts and ends. */
  public ServerStreamTracer.Factory serverStreamTracerFactory() {
    return GaugeServerInterceptor.tracerFactory(rooms.wire);
  }

  /** For those who wire by hand; brings its own stream tracers. */
  public ClientInterceptor clientInterceptor() {
    rooms.table.uses(CallSide.CLIENT);
    rooms.watch();
    return new GaugeClientInterceptor(rooms.wire);
  }

  /** Starts all methods of the services at zero, so that a rate exists from the first call on. */
  public void preregister(ServiceDescriptor... services) {
    for (ServiceDescriptor service : services) {
      for (MethodDescriptor<?, ?> method : service.getMethods()) {
        rooms.table.preregister(CallSide.SERVER, rooms.serverMethods.register(method));
        rooms.table.preregister(CallSide.CLIENT, rooms.clientMethods.register(method));
      }
    }
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
  public static ApplicationQueue buffer(String name, IntSupplier depth) {
    ApplicationQueue buffer = new ApplicationQueue(name, depth);
    StreamRecorder stream = CallHooks.current();
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
  public static final CallOptions.Key<ApplicationQueue> BUFFER = CallHooks.BUFFER;

  /** A queue for {@link #BUFFER}. */
  public static ApplicationQueue clientBuffer(String name, IntSupplier depth) {
    return new ApplicationQueue(name, depth);
  }

  /**
   * For a client that opens a new stream after a failure: pass the same session to each call, and
   * each stream's span is linked to the one before. {@code stub.withOption(Streamgauge.SESSION,
   * session)}
   */
  public static final CallOptions.Key<ClientSession> SESSION = CallHooks.SESSION;

  /** A session for {@link #SESSION}. */
  public static ClientSession session() {
    return new ClientSession();
  }

  /**
   * For a load-balancing policy: an attempt of a client call got its stream; counted as {@code
   * grpc_gray_attempts_total} by every gauge that watches the call, and the outcome is on its span.
   *
   * @return false if no gauge of this class loader watches the call
   */
  public static boolean routed(CallOptions options, String outcome) {
    return CallHooks.routed(options, outcome);
  }

  /**
   * For a load-balancing policy: shows numbers of endpoints as {@code gray_lane_endpoints}; the
   * source gives them by raw tag and state, and is asked with each scrape.
   *
   * @return undoes it
   */
  public Runnable laneEndpoints(Supplier<Map<String, Map<String, Integer>>> source) {
    return rooms.table.endpoints(source);
  }

  /** The streams that are open now, as immutable views in no particular order. */
  public List<StreamView> liveStreams() {
    return rooms.live.views();
  }

  /** The streams that are open now, and what those before came to since the gauge was built. */
  public LiveLook look() {
    return rooms.live.look();
  }

  /**
   * Switches on or off for calls that start from now on; open streams are watched to their end.
   * Does nothing once the gauge is closed.
   */
  public void setEnabled(boolean enabled) {
    rooms.enable(enabled);
  }

  /**
   * The rules for gray tags now.
   *
   * @throws IllegalStateException if they were switched off at build time
   */
  public GrayPolicy grayPolicy() {
    return resolver().policy();
  }

  /**
   * Other rules for gray tags, from the next call and message on. A configuration file that changes
   * later wins again.
   *
   * @throws IllegalStateException if tags were switched off at build time
   */
  public void grayPolicy(GrayPolicy policy) {
    resolver();
    rooms.grayPolicy(policy);
    rooms.table.configChanged(true);
    logger.log(Level.INFO, "the rules for gray tags were changed: {0}", policy);
  }

  private TagResolver resolver() {
    if (rooms.gray == null) {
      throw new IllegalStateException("streamgauge.gray.enabled is false");
    }
    return rooms.gray;
  }

  /** Takes the metrics out of their registry and leaves new calls alone. */
  @Override
  public void close() {
    rooms.close();
  }
}
