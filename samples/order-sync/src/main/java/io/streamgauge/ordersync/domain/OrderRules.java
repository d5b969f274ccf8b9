package io.streamgauge.ordersync.domain;

/** The order state machine: CREATED, PAID, SHIPPED, DELIVERED, COMPLETED, one step at a time. */
public final class OrderRules {

  /** Longest name of a client or order, in characters. */
  public static final int MAX_NAME = 255;

  private OrderRules() {}

  /** Judges an update by its fields alone. */
  public static Verdict wellFormed(OrderUpdate update) {
    boolean complete =
        isName(update.clientId())
            && isName(update.orderId())
            && update.sequence() > 0
            && update.version() > 0
            && update.status() != null;
    return complete ? Verdict.ACCEPTED : Verdict.INVALID;
  }

  /** Not empty, not long, nothing a database or a terminal would trip over. */
  public static boolean isName(String text) {
    return !text.isEmpty()
        && text.length() <= MAX_NAME
        && text.chars().noneMatch(Character::isISOControl);
  }

  /**
   * Judges an update against the order it is about.
   *
   * @param current the order as stored, or null if there is none
   */
  public static Verdict judge(OrderState current, OrderUpdate update) {
    if (current != null && update.version() <= current.version()) {
      return Verdict.STALE_VERSION;
    }
    OrderStatus expected = current == null ? OrderStatus.CREATED : current.status().next();
    boolean legal = update.status() == expected && update.version() == expected.version();
    return legal ? Verdict.ACCEPTED : Verdict.ILLEGAL_TRANSITION;
  }
}
