package io.streamgauge.internal.tracing;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.opentelemetry.api.trace.SpanContext;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * The watch emits checkpoints while another thread ends the stream. Results: threads that were told
 * to emit the end; the time of the end as the one that was told saw it.
 */
@JCStressTest
@Outcome(id = "1, 7", expect = ACCEPTABLE, desc = "One end, with its time.")
@Outcome(expect = FORBIDDEN, desc = "No end, two ends, or one without its time.")
@State
public class CheckpointHolder {
  private final Checkpoint state = new Checkpoint(SpanContext.getInvalid(), 0, 0);
  private int watchEnds;
  private int streamEnds;
  private long seen;

  public CheckpointHolder() {
    state.release();
  }

  @Actor
  public void watch() {
    for (int looks = 0; looks < 2; looks++) {
      if (state.take() && state.release()) {
        watchEnds++;
        seen = state.overNanos;
      }
    }
  }

  @Actor
  public void end() {
    state.overNanos = 7;
    if (state.end()) {
      streamEnds++;
      seen = state.overNanos;
    }
  }

  @Arbiter
  public void arbiter(II_Result result) {
    result.r1 = watchEnds + streamEnds;
    result.r2 = (int) seen;
  }
}
