package io.streamgauge.ordersync.domain;

/** What became of an update. */
public enum Verdict {
  ACCEPTED(""),
  INVALID("a required field is missing or out of range"),
  ILLEGAL_TRANSITION("the order cannot go from where it is to that status"),
  STALE_VERSION("the order is already at that version or beyond"),
  /** Never sent to a client: the stream ends, and a new one starts from where the store is. */
  OUT_OF_SEQUENCE("an earlier update of this client has not been answered yet");

  private final String detail;

  Verdict(String detail) {
    this.detail = detail;
  }

  public boolean accepted() {
    return this == ACCEPTED;
  }

  public String detail() {
    return detail;
  }
}
