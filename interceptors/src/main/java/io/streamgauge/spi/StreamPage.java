package io.streamgauge.spi;

import io.streamgauge.StreamSnapshot;
import io.streamgauge.Streamgauge;
import io.streamgauge.internal.config.GaugeAccess;
import io.streamgauge.internal.live.PageWriter;
import java.util.Map;
import java.util.function.Predicate;

/** Open streams as plain data of the JDK, for viewers: what {@code /api/streams} answers. */
public final class StreamPage {

  /** Most streams on a page. */
  public static final int MAX_ROWS = PageWriter.MAX_ROWS;

  private StreamPage() {}

  /**
   * What is open and what it comes to: {@code open}, {@code matching}, {@code shown}, {@code
   * totals} and {@code lanes} over all streams, and as {@code streams} those that the filter lets
   * pass, the worst first: stalled ones by the time they have stood still, then by what waits in
   * them. Maps, lists, strings, numbers and booleans, so that they may go to another class loader.
   */
  public static Map<String, Object> of(Streamgauge gauge, Predicate<StreamSnapshot> filter) {
    return PageWriter.page(GaugeAccess.assembly(gauge).look(), filter);
  }
}
