package io.streamgauge.ordersync.domain;

/** One wish to move an order on, as a client numbered it. */
public record OrderUpdate(
    String clientId, long sequence, String orderId, long version, OrderStatus status) {}
