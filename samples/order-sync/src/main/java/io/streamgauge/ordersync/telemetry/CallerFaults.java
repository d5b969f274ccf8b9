package io.streamgauge.ordersync.telemetry;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Exception;
import java.util.List;
import java.util.function.Predicate;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Keeps what callers send from filling the log. A gRPC server logs each message it cannot parse,
 * each frame and each connection that breaks the rules with a stack trace of some 2 KB; here they
 * are a {@link RareLog} line for each kind. An application's own exceptions are logged as before.
 */
public final class CallerFaults {

  private static final String NETTY = "io.grpc.netty.shaded.io.grpc.netty.";

  private static final RareLog log = new RareLog();

  /** The JDK holds loggers weakly, and their filters with them. */
  private static List<Logger> loggers = List.of();

  private CallerFaults() {}

  /** Begins, for all servers of this process; calling it again changes nothing. */
  public static synchronized void install() {
    if (!loggers.isEmpty()) {
      return;
    }
    loggers =
        List.of(
            fold(
                "io.grpc.internal.SerializingExecutor",
                "a caller sent a message that cannot be parsed",
                thrown -> thrown.getCause() instanceof InvalidProtocolBufferException),
            fold(
                NETTY + "NettyServerStream",
                "a caller sent a message that is refused",
                thrown -> thrown instanceof StatusRuntimeException),
            fold(
                NETTY + "NettyServerHandler",
                "a caller sent headers or frames that are refused",
                thrown ->
                    thrown instanceof Http2Exception || thrown instanceof IllegalArgumentException),
            fold(
                NETTY + "NettyServerTransport.connections",
                "a caller's connection failed",
                thrown -> true));
  }

  /** Logs what was counted so far. */
  public static void flush() {
    log.close();
  }

  private static Logger fold(String name, String kind, Predicate<Throwable> isCallers) {
    Logger logger = Logger.getLogger(name);
    logger.setFilter(each -> !isFolded(each, kind, isCallers));
    return logger;
  }

  private static boolean isFolded(LogRecord record, String kind, Predicate<Throwable> isCallers) {
    Throwable thrown = record.getThrown();
    if (thrown == null || !isCallers.test(thrown)) {
      return false;
    }
    Throwable cause = thrown.getCause() == null ? thrown : thrown.getCause();
    log.warn(kind, cause.getMessage());
    return true;
  }
}
