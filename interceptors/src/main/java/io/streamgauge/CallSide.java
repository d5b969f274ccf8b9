package io.streamgauge;

/** Which end of the call this process is; the {@code side} label. */
public enum CallSide {
  CLIENT("client"),
  SERVER("server");

  private final String label;

  CallSide(String label) {
    this.label = label;
  }

  /** The value of the {@code side} label. */
  public String label() {
    return label;
  }
}
