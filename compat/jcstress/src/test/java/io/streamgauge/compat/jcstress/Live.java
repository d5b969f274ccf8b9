package io.streamgauge.compat.jcstress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.streamgauge.CallSide;
import io.streamgauge.internal.live.LiveStreams;
import io.streamgauge.internal.live.PageWriter;
import io.streamgauge.internal.stream.StreamEnvironment;
import io.streamgauge.internal.stream.StreamRecorder;
import java.util.Map;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJJ_Result;
import org.openjdk.jcstress.infra.results.JJ_Result;

/** The list of open streams, and the sums of those that have ended, against a look at both. */
final class Live {

  /** Streams whose numbers differ by that are in the same part of the list. */
  private static final int STRIPES = 16;

  private Live() {}

  private static LiveStreams live() {
    return new LiveStreams(() -> 0, lane -> "baseline");
  }

  private static StreamRecorder start(StreamEnvironment env) {
    return Told.start(new StreamRecorder(CallSide.SERVER, env));
  }

  private static long sum(LiveStreams live, String... facts) {
    Map<?, ?> totals = (Map<?, ?>) PageWriter.page(live.look(), view -> true).get("totals");
    long sum = 0;
    for (String fact : facts) {
      sum += (Long) totals.get(fact);
    }
    return sum;
  }

  /** A stream ends while a reader looks. Results: streams and messages, seen meanwhile. */
  @JCStressTest
  @Outcome(id = "1, 3", expect = ACCEPTABLE, desc = "Open or ended, with its messages.")
  @Outcome(expect = FORBIDDEN, desc = "The stream was in neither place, or in both.")
  @State
  public static class EndAgainstLook {
    private final LiveStreams live = live();
    private final StreamRecorder stream = start(Told.env(live));

    public EndAgainstLook() {
      stream.onSend();
      stream.onSend();
      stream.onSend();
    }

    @Actor
    public void transport() {
      stream.end(0, null);
    }

    @Actor
    public void reader(JJ_Result result) {
      Map<?, ?> totals = (Map<?, ?>) PageWriter.page(live.look(), view -> true).get("totals");
      result.r1 = (Long) totals.get("open") + (Long) totals.get("ended");
      result.r2 = (Long) totals.get("msg_sent");
    }
  }

  /**
   * A stream starts and ends while a reader looks. Results: streams seen meanwhile, open at last.
   */
  @JCStressTest
  @Outcome(id = "0, 0, 1", expect = ACCEPTABLE, desc = "Looked before the start.")
  @Outcome(id = "1, 0, 1", expect = ACCEPTABLE, desc = "Looked after the start.")
  @Outcome(expect = FORBIDDEN, desc = "The stream was seen twice, or stays for ever.")
  @State
  public static class LifeAgainstLook {
    private final LiveStreams live = live();
    private final StreamEnvironment env = Told.env(live);

    @Actor
    public void call() {
      start(env).end(0, null);
    }

    @Actor
    public void reader(JJJ_Result result) {
      result.r1 = sum(live, "open", "ended");
    }

    @Arbiter
    public void arbiter(JJJ_Result result) {
      result.r2 = live.size();
      result.r3 = sum(live, "ended");
    }
  }

  /** Neighbours in one part of the list end at once. Results: open, ended, looked at one by one. */
  @JCStressTest
  @Outcome(id = "1, 16, 1", expect = ACCEPTABLE, desc = "The one that is left is there.")
  @Outcome(expect = FORBIDDEN, desc = "The list was torn.")
  @State
  public static class NeighboursEnd {
    private final LiveStreams live = live();
    private final StreamRecorder first;
    private final StreamRecorder second;

    public NeighboursEnd() {
      StreamEnvironment env = Told.env(live);
      first = start(env);
      start(env); // stays, in another part
      for (int other = 2; other < STRIPES; other++) {
        start(env).end(0, null);
      }
      second = start(env);
    }

    @Actor
    public void firstTransport() {
      first.end(0, null);
    }

    @Actor
    public void secondTransport() {
      second.end(0, null);
    }

    @Arbiter
    public void arbiter(JJJ_Result result) {
      result.r1 = live.size();
      result.r2 = sum(live, "ended");
      result.r3 = live.snapshots().size();
    }
  }
}
