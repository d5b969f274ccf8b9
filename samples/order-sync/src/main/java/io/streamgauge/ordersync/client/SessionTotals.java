package io.streamgauge.ordersync.client;

/** What one client did; written on its loop, read there. */
final class SessionTotals {
  long opened;
  long broken;
  long sent;
  long pings;
  long acked;
  long refused;
  long again;
  long gray;
  long fallen;
  long missed;
}
