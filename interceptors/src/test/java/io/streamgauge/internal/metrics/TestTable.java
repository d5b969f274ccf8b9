package io.streamgauge.internal.metrics;

import io.streamgauge.CallSide;
import io.streamgauge.Timing;
import io.streamgauge.internal.guard.Guard;
import io.streamgauge.internal.live.LiveStreams;
import io.streamgauge.internal.stream.StreamEnvironment;
import io.streamgauge.internal.stream.StreamListeners;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.stream.TestStreams;
import io.streamgauge.internal.stream.TestTrace;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A catalogue without gRPC, for tests of what exporters make of it; the clock is the test's. */
public final class TestTable {

  private long now = TimeUnit.HOURS.toNanos(1);
  private final Guard guard = new Guard();
  private final LaneNames lanes = new LaneNames();
  private final LiveStreams live = new LiveStreams(() -> now, lanes::lane);
  private final SeriesTable table = new SeriesTable(guard, () -> now, live, lanes);
  private final StreamEnvironment env =
      new StreamEnvironment(
          guard, () -> now, new StreamListeners(guard, List.of(live, table)), Timing.OFF);

  public SeriesTable table() {
    return table;
  }

  LiveStreams live() {
    return live;
  }

  Guard guard() {
    return guard;
  }

  StreamEnvironment env() {
    return env;
  }

  public MetricSnapshot snapshot() {
    return table.snapshot();
  }

  public void pass(int seconds) {
    now += TimeUnit.SECONDS.toNanos(seconds);
  }

  /** A bidi stream of a server's, in a sampled trace or, for null, in none. */
  public StreamRecorder open(String traceId) {
    StreamRecorder stream = new StreamRecorder(CallSide.SERVER, env);
    stream.traced();
    stream.claim(TestStreams.BIDI);
    if (traceId != null) {
      TestTrace.of(stream, traceId, "b7ad6b7169203331", true);
    }
    stream.start(null);
    return stream;
  }
}
