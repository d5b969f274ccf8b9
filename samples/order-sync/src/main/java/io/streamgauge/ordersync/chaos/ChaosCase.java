package io.streamgauge.ordersync.chaos;

import java.io.IOException;
import java.util.List;

/**
 * A fault and how often it is caused.
 *
 * @param name as in the table
 * @param ciRuns how often in the short plan, 0 for not at all
 * @param fullRuns how often in the full plan
 * @param wholeRoad whether every message sent arrives, so that both sides' counts must agree
 * @param client what the clients are started with
 * @param fault causes it once, and waits until the system is well again
 */
record ChaosCase(
    String name, int ciRuns, int fullRuns, boolean wholeRoad, List<String> client, Fault fault) {

  /** Once. */
  interface Fault {
    void cause(ChaosRig rig, Size size) throws IOException, InterruptedException;
  }

  /**
   * How much happens in a run.
   *
   * @param full of the full plan
   * @param run its number, from 0
   * @param updates acks to wait for between two faults
   */
  record Size(boolean full, int run, long updates) {}
}
