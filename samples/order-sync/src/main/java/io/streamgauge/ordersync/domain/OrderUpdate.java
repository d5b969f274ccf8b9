package io.streamgauge.ordersync.domain;

/**
 * One wish to move an order on, as a client numbered it.
 *
 * @param lamport logical time at which it was judged, 0 before that
 * @param origin where it comes from, as the source of the order wrote it; kept with a shipment
 */
public record OrderUpdate(
    String clientId,
    long sequence,
    String orderId,
    long version,
    OrderStatus status,
    long lamport,
    String origin) {

  public OrderUpdate(
      String clientId, long sequence, String orderId, long version, OrderStatus status) {
    this(clientId, sequence, orderId, version, status, 0, "");
  }
}
