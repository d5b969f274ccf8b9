package io.streamgauge.stream;

/** Which end of the call this process is; the {@code side} label. */
public enum StreamSide {
  CLIENT("client"),
  SERVER("server");

  private final String label;

  StreamSide(String label) {
    this.label = label;
  }

  /** The value of the {@code side} label. */
  public String label() {
    return label;
  }
}
