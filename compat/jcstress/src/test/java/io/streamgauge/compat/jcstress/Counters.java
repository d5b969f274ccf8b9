package io.streamgauge.compat.jcstress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.streamgauge.CallSide;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.stream.StreamTotals;
import io.streamgauge.internal.stream.TransportAttempt;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJJ_Result;
import org.openjdk.jcstress.infra.results.JJ_Result;

/** Counters that one thread writes with ordered stores, and others read. */
final class Counters {

  private Counters() {}

  /** A reader looks twice while messages are sent. */
  @JCStressTest
  @Outcome(
      id = {"0, [0-3]", "1, [1-3]", "2, [2-3]", "3, 3"},
      expect = ACCEPTABLE,
      desc = "The second value is not below the first.")
  @Outcome(expect = FORBIDDEN, desc = "A counter fell.")
  @State
  public static class NeverFalls {
    private final StreamRecorder stream = new Told().started(CallSide.SERVER);

    @Actor
    public void application() {
      stream.onSend();
      stream.onSend();
      stream.onSend();
    }

    @Actor
    public void reader(JJ_Result result) {
      result.r1 = stream.sent();
      result.r2 = stream.sent();
    }
  }

  /**
   * One thread counts bytes, a message delivered and one sent; the reader looks in the opposite
   * order, so whatever it sees, it sees all that was counted before.
   */
  @JCStressTest
  @Outcome(
      id = {"0, 0, 0", "0, 0, 7", "0, 1, 7", "1, 1, 7"},
      expect = ACCEPTABLE,
      desc = "A prefix of what was counted.")
  @Outcome(expect = FORBIDDEN, desc = "A later count without an earlier one.")
  @State
  public static class Prefix {
    private final StreamRecorder stream = new Told().started(CallSide.SERVER);

    @Actor
    public void writer() {
      stream.onWireIn(7);
      stream.onDeliver();
      stream.onSend();
    }

    @Actor
    public void reader(JJJ_Result result) {
      result.r1 = stream.sent();
      result.r2 = stream.received();
      result.r3 = stream.wireIn();
    }
  }

  /** Depths are differences of counters that are read one after the other. */
  @JCStressTest
  @Outcome(
      id = {"[0-2], [0-1]"},
      expect = ACCEPTABLE,
      desc = "What may have waited.")
  @Outcome(expect = FORBIDDEN, desc = "A depth below zero, or more than there were messages.")
  @State
  public static class Depths {
    private final StreamRecorder stream = new Told().started(CallSide.SERVER);

    @Actor
    public void transportAndExecutor() {
      for (int i = 0; i < 2; i++) {
        stream.onArrived();
        stream.onDeliver();
        stream.onHandled();
      }
    }

    @Actor
    public void reader(JJ_Result result) {
      result.r1 = stream.executorDepth();
      result.r2 = stream.handlerDepth();
    }
  }

  /** An attempt closes, which moves what it had reached from one place to another. */
  @JCStressTest
  @Outcome(id = "10, 10", expect = ACCEPTABLE, desc = "All bytes, in one of the two places.")
  @Outcome(expect = FORBIDDEN, desc = "Bytes were in neither place, or in both.")
  @State
  public static class AttemptCloses {
    private final StreamRecorder stream = new Told().started(CallSide.CLIENT);
    private final TransportAttempt first = stream.openAttempt();
    private final TransportAttempt second = stream.openAttempt();

    public AttemptCloses() {
      first.onWireOut(7);
      second.onWireOut(3);
    }

    @Actor
    public void transport() {
      stream.closeAttempt(first, 14);
      stream.closeAttempt(second, 14);
    }

    @Actor
    public void reader(JJ_Result result) {
      result.r1 = stream.wireOut();
      result.r2 = stream.wireOut();
    }
  }

  /** Two readers drain a stream that is being written. Results: the sum, parts below zero. */
  @JCStressTest
  @Outcome(id = "3, 0", expect = ACCEPTABLE, desc = "Each message is drained once.")
  @Outcome(expect = FORBIDDEN, desc = "A message was drained twice, or never.")
  @State
  public static class Drains implements StreamTotals {
    private final AtomicLong sum = new AtomicLong();
    private final AtomicInteger negative = new AtomicInteger();
    private final StreamRecorder stream = new Told().started(CallSide.SERVER);

    public Drains() {
      stream.totals(this);
    }

    @Actor
    public void applicationAndItsDrain() {
      stream.onSend();
      stream.onSend();
      stream.settle();
      stream.onSend();
    }

    @Actor
    public void scrape() {
      stream.settle();
      stream.settle();
    }

    @Arbiter
    public void arbiter(JJ_Result result) {
      stream.settle();
      result.r1 = sum.get();
      result.r2 = negative.get();
    }

    @Override
    public void messages(long sent, long received) {
      sum.addAndGet(sent);
      if (sent < 0 || received < 0) {
        negative.incrementAndGet();
      }
    }

    @Override
    public void wireBytes(long out, long in) {}

    @Override
    public void blocked(long blockedNanos, long ignored) {}
  }
}
