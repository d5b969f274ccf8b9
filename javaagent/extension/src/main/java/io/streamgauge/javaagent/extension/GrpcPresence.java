package io.streamgauge.javaagent.extension;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * What is known of gRPC in this process: whether its classes are loaded, under which name, and
 * whether one of the builders we hook was among them. A process that uses gRPC and none of the
 * builders is watched by nothing, and gets one clear line.
 *
 * <p>Written by whichever thread loads a class, read by a daemon thread a minute later.
 */
final class GrpcPresence {

  static final String NAME = "io.grpc";

  private static final Logger logger = Logger.getLogger("io.streamgauge");

  /** How long a process may take from the first class of gRPC to its first server or channel. */
  private static final int PATIENCE_SECONDS =
      Integer.getInteger("io.streamgauge.javaagent.presence-seconds", 60);

  private static final AtomicBoolean used = new AtomicBoolean();
  private static final AtomicBoolean renamed = new AtomicBoolean();
  private static volatile boolean builder;

  private GrpcPresence() {}

  /** A builder that we hook is being loaded. */
  static void builderFound() {
    builder = true;
  }

  /** gRPC's own API is being loaded, under that package. */
  static void used(String packageName) {
    if (!packageName.equals(NAME)) {
      if (renamed.compareAndSet(false, true)) {
        logger.log(
            Level.WARNING,
            "Streamgauge watches gRPC under its own name only: there is a copy in {0}, and its calls"
                + " are not seen",
            packageName);
      }
    } else if (used.compareAndSet(false, true)) {
      Thread later = new Thread(GrpcPresence::look, "streamgauge-presence");
      later.setDaemon(true);
      later.setContextClassLoader(null);
      later.start();
    }
  }

  private static void look() {
    try {
      TimeUnit.SECONDS.sleep(PATIENCE_SECONDS);
    } catch (InterruptedException e) {
      return;
    }
    if (!builder) {
      logger.log(
          Level.WARNING,
          "Streamgauge sees nothing so far: gRPC is used, and in {0} s no server or channel of"
              + " grpc-java was built. A framework with a server of its own, such as Armeria, needs"
              + " the interceptors in code.",
          PATIENCE_SECONDS);
    }
  }
}
