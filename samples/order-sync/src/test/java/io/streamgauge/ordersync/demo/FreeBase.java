package io.streamgauge.ordersync.demo;

import io.streamgauge.ordersync.rig.FreePort;
import java.io.IOException;

/** Where a demo finds all its ports free. */
public final class FreeBase {

  private FreeBase() {}

  /** The first of them. */
  public static int next() throws IOException {
    for (int tries = 0; tries < 50; tries++) {
      int base = FreePort.next();
      if (new DemoPorts(base).taken() == null) {
        return base;
      }
    }
    throw new IOException("no free range of ports");
  }
}
