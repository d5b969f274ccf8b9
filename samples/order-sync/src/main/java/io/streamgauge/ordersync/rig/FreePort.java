package io.streamgauge.ordersync.rig;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A port that is free now and stays so while no process listens on it: below the range from which
 * systems take the local ports of connections, which may be any port of that range at any time.
 */
public final class FreePort {

  private static final int FROM = 20_000;
  private static final int TO = 30_000;
  private static final int TRIES = 200;

  private FreePort() {}

  public static int next() throws IOException {
    for (int i = 0; i < TRIES; i++) {
      int port = ThreadLocalRandom.current().nextInt(FROM, TO);
      try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return probe.getLocalPort();
      } catch (IOException e) {
        // taken
      }
    }
    throw new IOException("no free port between " + FROM + " and " + TO);
  }
}
