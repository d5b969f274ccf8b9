package io.streamgauge.compat.jcstress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.streamgauge.CallSide;
import io.streamgauge.internal.stream.StreamListener;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.stream.StreamTotals;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJJ_Result;

/**
 * A unary call ends well while others read it: it is counted by its end or on its own, never both.
 * Results: starts, messages sent, messages received.
 */
final class CleanEnd {

  private CleanEnd() {}

  /** A call with one message each way, and what its series would have counted. */
  abstract static class Call implements StreamListener, StreamTotals {
    private final AtomicInteger starts = new AtomicInteger();
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong received = new AtomicLong();

    final StreamRecorder stream = new StreamRecorder(CallSide.SERVER, Told.env(this), Told.UNARY);

    Call() {
      stream.claim(Told.UNARY);
      stream.totals(this);
      stream.start(null);
      stream.onDeliver();
      stream.onSend();
    }

    final void tell(JJJ_Result result) {
      stream.settle();
      result.r1 = starts.get();
      result.r2 = sent.get();
      result.r3 = received.get();
    }

    @Override
    public void ended(StreamRecorder ended, long nowNanos) {
      if (ended.isCleanEnd()) {
        started();
        messages(1, 1);
      }
    }

    @Override
    public void started() {
      starts.incrementAndGet();
    }

    @Override
    public void messages(long newSent, long newReceived) {
      sent.addAndGet(newSent);
      received.addAndGet(newReceived);
    }

    @Override
    public void wireBytes(long out, long in) {}

    @Override
    public void blocked(long blockedNanos, long ignored) {}
  }

  /** A scrape finds the call, or just does not. */
  @JCStressTest
  @Outcome(id = "1, 1, 1", expect = ACCEPTABLE, desc = "Counted once.")
  @Outcome(expect = FORBIDDEN, desc = "Counted twice, or not at all.")
  @State
  public static class AgainstAScrape extends Call {
    @Actor
    public void transport() {
      stream.end(0, null);
    }

    @Actor
    public void scrape() {
      if (stream.seen()) {
        stream.settle();
      }
    }

    @Arbiter
    public void arbiter(JJJ_Result result) {
      tell(result);
    }
  }

  /** A scrape and the watch find it at once. */
  @JCStressTest
  @Outcome(id = "1, 1, 1", expect = ACCEPTABLE, desc = "Counted once.")
  @Outcome(expect = FORBIDDEN, desc = "Counted twice, or not at all.")
  @State
  public static class AgainstTwoReaders extends Call {
    @Actor
    public void transport() {
      stream.end(0, null);
    }

    @Actor
    public void scrape() {
      if (stream.seen()) {
        stream.settle();
      }
    }

    @Actor
    public void watch() {
      stream.seen();
      stream.settle();
    }

    @Arbiter
    public void arbiter(JJJ_Result result) {
      tell(result);
    }
  }

  /** The application's thread is behind the transport's. */
  @JCStressTest
  @Outcome(id = "1, 1, 2", expect = ACCEPTABLE, desc = "The late message too, once.")
  @Outcome(expect = FORBIDDEN, desc = "The late message was lost, or a message counted twice.")
  @State
  public static class AgainstALateMessage extends Call {
    @Actor
    public void transport() {
      stream.end(0, null);
    }

    @Actor
    public void application() {
      stream.onDeliver();
      stream.onHandled();
      stream.settle();
    }

    @Arbiter
    public void arbiter(JJJ_Result result) {
      tell(result);
    }
  }

  /** gRPC says that the call is not ready: it is a long one from then on. */
  @JCStressTest
  @Outcome(id = "1, 1, 1", expect = ACCEPTABLE, desc = "Counted once.")
  @Outcome(expect = FORBIDDEN, desc = "Counted twice, or not at all.")
  @State
  public static class AgainstNotReady extends Call {
    @Actor
    public void transport() {
      stream.end(0, null);
    }

    @Actor
    public void application() {
      stream.ready(false);
      stream.settle();
    }

    @Arbiter
    public void arbiter(JJJ_Result result) {
      tell(result);
    }
  }
}
