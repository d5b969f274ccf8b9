package io.streamgauge.console;

import io.streamgauge.Streamgauge;
import io.streamgauge.console.live.LiveSource;
import io.streamgauge.spi.StreamPage;

/** The streams of a gauge in this process. */
final class ConsoleSource implements LiveSource {

  private final Streamgauge gauge;

  ConsoleSource(Streamgauge gauge) {
    this.gauge = gauge;
  }

  @Override
  public String name() {
    return "";
  }

  @Override
  public Page page(long now) {
    return new Page(StreamPage.of(gauge, stream -> true), now);
  }

  @Override
  public void close() {}
}
