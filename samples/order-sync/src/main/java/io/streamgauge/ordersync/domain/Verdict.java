package io.streamgauge.ordersync.domain;

/** What became of an update. */
public enum Verdict {
  ACCEPTED(""),
  INVALID("a required field is missing or out of range"),
  ILLEGAL_TRANSITION("the order cannot go from where it is to that status"),
  STALE_VERSION("the order is already at that version or beyond");

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
