package io.streamgauge.javaagent.hooks;

import io.grpc.ClientInterceptor;
import io.grpc.ServerBuilder;
import io.grpc.ServerInterceptor;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.streamgauge.Streamgauge;
import io.streamgauge.StreamgaugeBuilder;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The agent's wiring: one gauge per application class loader, made when the first server or channel
 * is built. The only static state of the toolkit.
 */
public final class AgentHooks {

  private static final Logger logger = Logger.getLogger("io.streamgauge");

  /**
   * The library as an application ships it; ours has another package. Put together at run time: the
   * build renames what looks like our package in any constant.
   */
  private static final String BY_HAND =
      String.join(".", "io", "streamgauge", "internal", "grpc", "");

  private static final AtomicBoolean byHandSaid = new AtomicBoolean();
  private static final Streamgauge gauge = make();
  private static final ServerInterceptor serverInterceptor =
      gauge == null ? null : gauge.serverInterceptor();
  private static final ClientInterceptor clientInterceptor =
      gauge == null ? null : gauge.clientInterceptor();

  private AgentHooks() {}

  /** Null when the configuration is wrong: the application starts without us. */
  private static Streamgauge make() {
    try {
      AgentSdkLoader.use(
          AgentHooks.class
                  .getClassLoader()
                  .getResource(BY_HAND.replace('.', '/') + "GaugeServerInterceptor.class")
              != null);
      StreamgaugeBuilder builder =
          Streamgauge.builder().openTelemetry(GlobalOpenTelemetry.get()).fromEnvironment();
      AgentOptions.registry(builder);
      Streamgauge made = builder.build();
      AgentOptions.console(made);
      logger.info(
          "Streamgauge is attached: grpc "
              + AgentNames.version(ServerBuilder.class)
              + " with "
              + AgentNames.modules()
              + " in "
              + AgentHooks.class.getClassLoader());
      return made;
    } catch (IllegalArgumentException | IllegalStateException e) {
      logger.log(Level.WARNING, "Streamgauge is off: {0}", e.getMessage());
      return null;
    } catch (RuntimeException | LinkageError e) {
      // Advice would swallow it, and no log would show it.
      logger.log(Level.WARNING, "Streamgauge is off", e);
      return null;
    }
  }

  /** A server is about to be built. */
  public static void server(ServerBuilder<?> builder, List<?> interceptors) {
    if (gauge == null || !mayAttach(interceptors, serverInterceptor, "GaugeServerInterceptor")) {
      return;
    }
    builder.intercept(serverInterceptor);
    builder.addStreamTracerFactory(gauge.serverStreamTracerFactory());
  }

  /** A channel is about to be built; index 0 of its interceptors is nearest the transport. */
  public static void channel(List<ClientInterceptor> interceptors) {
    if (gauge != null && mayAttach(interceptors, clientInterceptor, "GaugeClientInterceptor")) {
      interceptors.add(0, clientInterceptor);
    }
  }

  /** Once per builder, and not where the application has registered the library itself. */
  private static boolean mayAttach(List<?> interceptors, Object ours, String byHand) {
    for (Object interceptor : interceptors) {
      if (interceptor == ours) {
        return false;
      }
      if (isByHand(interceptor, byHand)) {
        if (byHandSaid.compareAndSet(false, true)) {
          logger.info("Streamgauge is registered in code already; the agent leaves that alone");
        }
        return false;
      }
    }
    return true;
  }

  private static boolean isByHand(Object interceptor, String byHand) {
    return interceptor.getClass().getName().equals(BY_HAND + byHand);
  }
}
