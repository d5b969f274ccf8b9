package io.streamgauge.console;

import io.streamgauge.Streamgauge;
import io.streamgauge.console.live.LiveSource;
import io.streamgauge.stream.StreamFacts;
import java.util.Map;

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
  public Map<?, ?> page() {
    return StreamFacts.page(gauge.look(), stream -> true);
  }

  @Override
  public void close() {}
}
