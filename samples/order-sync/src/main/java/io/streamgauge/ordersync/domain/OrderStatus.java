package io.streamgauge.ordersync.domain;

/** Where an order is; it moves one step at a time and never back. */
public enum OrderStatus {
  CREATED(1),
  PAID(2),
  SHIPPED(3),
  DELIVERED(4),
  COMPLETED(5);

  private final long version;

  OrderStatus(long version) {
    this.version = version;
  }

  /** The version an order has when it reaches this status. */
  public long version() {
    return version;
  }

  /** The only status that may follow, or null after the last. */
  public OrderStatus next() {
    return switch (this) {
      case CREATED -> PAID;
      case PAID -> SHIPPED;
      case SHIPPED -> DELIVERED;
      case DELIVERED -> COMPLETED;
      case COMPLETED -> null;
    };
  }
}
