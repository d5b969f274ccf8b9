package io.streamgauge.compat.jcstress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.streamgauge.CallSide;
import io.streamgauge.internal.stream.StreamRecorder;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/**
 * A stream ends once, whichever threads end it and whether or not it has started. Results: starts
 * told, ends told, ends told before a start, the code told.
 */
final class EndGate {

  private EndGate() {}

  private static void tell(Told told, IIII_Result result) {
    result.r1 = told.starts();
    result.r2 = told.ends();
    result.r3 = told.early();
    result.r4 = told.code();
  }

  /** Two threads end a stream that has started, each twice. */
  @JCStressTest
  @Outcome(id = "1, 1, 0, 1", expect = ACCEPTABLE, desc = "The first thread's first end.")
  @Outcome(id = "1, 1, 0, 3", expect = ACCEPTABLE, desc = "The second thread's first end.")
  @Outcome(expect = FORBIDDEN, desc = "Not one end, or not with the code of the one that won.")
  @State
  public static class ManyEnders {
    private final Told told = new Told();
    private final StreamRecorder stream = told.started(CallSide.SERVER);

    @Actor
    public void first() {
      stream.end(1, null);
      stream.end(2, null);
    }

    @Actor
    public void second() {
      stream.end(3, null);
      stream.end(4, null);
    }

    @Arbiter
    public void arbiter(IIII_Result result) {
      tell(told, result);
    }
  }

  /** Two threads end a stream that no interceptor has claimed: an end tells the start too. */
  @JCStressTest
  @Outcome(id = "1, 1, 0, 1", expect = ACCEPTABLE, desc = "The first thread's end.")
  @Outcome(id = "1, 1, 0, 3", expect = ACCEPTABLE, desc = "The second thread's end.")
  @Outcome(expect = FORBIDDEN, desc = "Not one start and then one end.")
  @State
  public static class EndersOfANewStream {
    private final Told told = new Told();
    private final StreamRecorder stream = told.fresh(CallSide.SERVER);

    @Actor
    public void first() {
      stream.end(1, null);
    }

    @Actor
    public void second() {
      stream.end(3, null);
    }

    @Arbiter
    public void arbiter(IIII_Result result) {
      tell(told, result);
    }
  }

  /** The interceptor starts the stream while the transport ends it (grpc-java issue 12118). */
  @JCStressTest
  @Outcome(id = "1, 1, 0, 5", expect = ACCEPTABLE, desc = "One start and then one end.")
  @Outcome(expect = FORBIDDEN, desc = "Not one start and then one end.")
  @State
  public static class StartAgainstEnd {
    private final Told told = new Told();
    private final StreamRecorder stream = told.fresh(CallSide.SERVER);

    @Actor
    public void interceptor() {
      Told.start(stream);
    }

    @Actor
    public void transport() {
      stream.end(5, null);
    }

    @Arbiter
    public void arbiter(IIII_Result result) {
      tell(told, result);
    }
  }

  /** Two threads start the stream, and each ends it afterwards. */
  @JCStressTest
  @Outcome(id = "1, 1, 0, 1", expect = ACCEPTABLE, desc = "The first thread's end.")
  @Outcome(id = "1, 1, 0, 3", expect = ACCEPTABLE, desc = "The second thread's end.")
  @Outcome(expect = FORBIDDEN, desc = "Not one start and then one end.")
  @State
  public static class TwoStarters {
    private final Told told = new Told();
    private final StreamRecorder stream = told.fresh(CallSide.CLIENT);

    @Actor
    public void first() {
      Told.start(stream);
      stream.end(1, null);
    }

    @Actor
    public void second() {
      Told.start(stream);
      stream.end(3, null);
    }

    @Arbiter
    public void arbiter(IIII_Result result) {
      tell(told, result);
    }
  }
}
