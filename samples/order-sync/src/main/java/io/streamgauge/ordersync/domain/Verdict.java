package io.streamgauge.ordersync.domain;

/** What became of an update. */
public enum Verdict {
  ACCEPTED(""),
  INVALID("a required field is missing or out of range"),
  ILLEGAL_TRANSITION("the order cannot go from where it is to that status"),
  STALE_VERSION("the order is already at that version or beyond"),
  /** Not for good: it must be sent again, after those before it. */
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
