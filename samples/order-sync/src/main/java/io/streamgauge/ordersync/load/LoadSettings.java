package io.streamgauge.ordersync.load;

/**
 * A load to drive.
 *
 * @param port of the server
 * @param streams clients, one stream each
 * @param rate updates per second, all together
 * @param seconds how long it is measured, after {@code warmSeconds} that are not
 * @param burst every tenth second so many times the rate, 1 for an even load
 * @param grayShare of the orders that are gray, 0 to 1
 * @param slowAcks acks per second that the first stream reads; 0 if it reads as fast as all
 */
public record LoadSettings(
    int port,
    int streams,
    double rate,
    int warmSeconds,
    int seconds,
    double burst,
    double grayShare,
    int slowAcks) {}
