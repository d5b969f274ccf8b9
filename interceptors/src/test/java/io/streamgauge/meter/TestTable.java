package io.streamgauge.meter;

import io.streamgauge.guard.Guard;
import io.streamgauge.stream.LiveStreams;
import io.streamgauge.stream.StreamEnv;
import io.streamgauge.stream.StreamListeners;
import io.streamgauge.stream.StreamRecorder;
import io.streamgauge.stream.StreamSide;
import io.streamgauge.stream.StreamTiming;
import io.streamgauge.stream.TestStreams;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A catalogue without gRPC, for tests of what exporters make of it; the clock is the test's. */
public final class TestTable {

  private long now = TimeUnit.HOURS.toNanos(1);
  private final Guard guard = new Guard();
  private final MeterLanes lanes = new MeterLanes();
  private final LiveStreams live = new LiveStreams(() -> now, lanes::lane);
  private final MeterTable table = new MeterTable(guard, () -> now, live, lanes);
  private final StreamEnv env =
      new StreamEnv(
          guard, () -> now, new StreamListeners(guard, List.of(live, table)), StreamTiming.OFF);

  public MeterTable table() {
    return table;
  }

  public MeterSnapshot snapshot() {
    return table.snapshot();
  }

  public void pass(int seconds) {
    now += TimeUnit.SECONDS.toNanos(seconds);
  }

  /** A bidi stream of a server's, in a sampled trace or, for null, in none. */
  public StreamRecorder open(String traceId) {
    StreamRecorder stream = new StreamRecorder(StreamSide.SERVER, env);
    stream.traced();
    stream.claim(TestStreams.BIDI);
    if (traceId != null) {
      stream.trace(traceId, "b7ad6b7169203331", true);
    }
    stream.start(null);
    return stream;
  }
}
