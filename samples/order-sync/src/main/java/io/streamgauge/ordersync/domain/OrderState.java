package io.streamgauge.ordersync.domain;

/** An order as it is stored. */
public record OrderState(OrderStatus status, long version) {}
