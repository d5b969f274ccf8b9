package io.streamgauge.internal.metrics;

import io.streamgauge.CallSide;
import io.streamgauge.StallCause;
import io.streamgauge.internal.stream.StatusCodes;
import io.streamgauge.internal.stream.WatchedMethod;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * What makes a series: side, method and lane. Made once per series, so exporters may cache on it.
 */
public final class SeriesLabels {

  private final CallSide side;
  private final WatchedMethod method;
  private final List<String> call;
  private final List<String> withSide;
  private final long sinceMillis = System.currentTimeMillis();

  /** Made by the first thread that exports the series; another may make an equal one at once. */
  private volatile ExportSlot exported;

  SeriesLabels(CallSide side, WatchedMethod method, String lane) {
    this.side = side;
    this.method = method;
    this.call =
        Collections.unmodifiableList(
            Arrays.asList(method.type().label(), method.service(), method.method(), lane));
    this.withSide = with(side.label());
  }

  CallSide side() {
    return side;
  }

  public boolean isServer() {
    return side == CallSide.SERVER;
  }

  String lane() {
    return call.get(call.size() - 1);
  }

  /** Since when the series counts, wall clock. */
  long sinceMillis() {
    return sinceMillis;
  }

  /** Whether it counts that very method, and not several others. */
  boolean isOf(WatchedMethod other) {
    return method == other;
  }

  /** {@code service/method}, or {@code _OTHER}. */
  public String fullMethod() {
    return method.fullName();
  }

  /** Whether the semantic conventions call an end with this code an error on this side. */
  public boolean isError(int code) {
    return StatusCodes.isError(side, code);
  }

  /** Values of {@link MetricCatalog#callLabels()}. */
  public List<String> call() {
    return call;
  }

  /** The same and the side. */
  public List<String> withSide() {
    return withSide;
  }

  /** The call's values and more. */
  List<String> with(String... extra) {
    List<String> all = new ArrayList<>(call.size() + extra.length);
    all.addAll(call);
    all.addAll(Arrays.asList(extra));
    return all;
  }

  /** All values of the {@code cause} label on this side. */
  public List<String> causes() {
    List<String> causes = new ArrayList<>();
    for (StallCause cause : StallCause.of(side)) {
      causes.add(cause.label());
    }
    return causes;
  }

  /** What an exporter keeps here; null at first. */
  public ExportSlot exported() {
    return exported;
  }

  public void exported(ExportSlot made) {
    exported = made;
  }
}
