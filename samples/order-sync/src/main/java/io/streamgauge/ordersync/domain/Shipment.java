package io.streamgauge.ordersync.domain;

/** An order that ships, of which fulfilment has yet to be told; see {@link OrderUpdate#origin}. */
public record Shipment(String orderId, long version, String origin) {}
