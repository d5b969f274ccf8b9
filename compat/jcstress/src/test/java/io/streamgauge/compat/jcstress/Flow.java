package io.streamgauge.compat.jcstress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.streamgauge.CallSide;
import io.streamgauge.internal.live.LiveStreams;
import io.streamgauge.internal.live.StallWatch;
import io.streamgauge.internal.stream.ApplicationQueue;
import io.streamgauge.internal.stream.StreamListeners;
import io.streamgauge.internal.stream.StreamRecorder;
import java.util.List;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.JJ_Result;
import org.openjdk.jcstress.infra.results.J_Result;

/** Demand, readiness, stalls and queues, which several threads may write. */
final class Flow {

  private Flow() {}

  /** The application asks for messages on two threads. */
  @JCStressTest
  @Outcome(id = "15", expect = ACCEPTABLE, desc = "Every request counts.")
  @Outcome(expect = FORBIDDEN, desc = "A request was lost.")
  @State
  public static class Requests {
    private final StreamRecorder stream = new Told().started(CallSide.SERVER);

    @Actor
    public void first() {
      stream.onRequest(1);
      stream.onRequest(2);
    }

    @Actor
    public void second() {
      stream.onRequest(4);
      stream.onRequest(8);
    }

    @Arbiter
    public void arbiter(J_Result result) {
      result.r1 = stream.demand();
    }
  }

  /**
   * Messages are delivered while the application asks for more. Results: seen meanwhile, at last.
   */
  @JCStressTest
  @Outcome(id = "0, 2", expect = ACCEPTABLE, desc = "Not all requests were there yet.")
  @Outcome(id = "2, 2", expect = ACCEPTABLE, desc = "All requests were there.")
  @Outcome(expect = FORBIDDEN, desc = "A request or a delivery was lost, or demand was negative.")
  @State
  public static class RequestsAgainstDeliveries {
    private final StreamRecorder stream = new Told().started(CallSide.SERVER);

    @Actor
    public void application() {
      stream.onRequest(2);
      stream.onRequest(3);
    }

    @Actor
    public void executor(JJ_Result result) {
      for (int i = 0; i < 3; i++) {
        stream.onDeliver();
        stream.onHandled();
      }
      result.r1 = stream.demand();
    }

    @Arbiter
    public void arbiter(JJ_Result result) {
      result.r2 = stream.demand();
    }
  }

  /**
   * The watch is told by gRPC that the stream is not ready; the application closes it meanwhile.
   */
  @JCStressTest
  @Outcome(id = "0", expect = ACCEPTABLE, desc = "A closed stream is not blocked.")
  @Outcome(expect = FORBIDDEN, desc = "The stream is blocked for ever.")
  @State
  public static class NotReadyAgainstHalfClose {
    private final StreamRecorder stream = new Told().started(CallSide.CLIENT);

    public NotReadyAgainstHalfClose() {
      stream.onSend();
    }

    @Actor
    public void watch() {
      stream.ready(false);
    }

    @Actor
    public void application() {
      stream.onOutboundClosed();
    }

    @Arbiter
    public void arbiter(J_Result result) {
      result.r1 = stream.isNotReady() ? 1 : 0;
    }
  }

  /**
   * The watch finds that a stream stands still while the stream ends. Results: stalls that were
   * told and not told to be over, whether the stream has a cause.
   */
  @JCStressTest
  @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "Every stall that was told is over.")
  @Outcome(expect = FORBIDDEN, desc = "An ended stream is stalled.")
  @State
  public static class StallAgainstEnd {
    private final Told told = new Told();
    private final LiveStreams live = new LiveStreams(() -> 0, lane -> "baseline");
    private final StallWatch watch;
    private final StreamRecorder stream;

    public StallAgainstEnd() {
      StreamListeners both = new StreamListeners(Told.guard(), List.of(live, told));
      watch = new StallWatch(Told.guard(), Told.env(both), live, method -> 0);
      stream = Told.start(new StreamRecorder(CallSide.SERVER, Told.env(both)));
      watch.tick(); // sees what has moved; with the next look the stream stands still
    }

    @Actor
    public void watch() {
      watch.tick();
    }

    @Actor
    public void transport() {
      stream.end(1, null);
    }

    @Arbiter
    public void arbiter(II_Result result) {
      result.r1 = told.stalls();
      result.r2 = stream.cause() == null ? 0 : 1;
    }
  }

  /** The application registers a queue of its own while the transport ends the stream. */
  @JCStressTest
  @Outcome(id = "0", expect = ACCEPTABLE, desc = "The queue was closed with the stream.")
  @Outcome(expect = FORBIDDEN, desc = "A queue is open that belongs to an ended stream.")
  @State
  public static class QueueAgainstEnd {
    private final StreamRecorder stream = new Told().started(CallSide.SERVER);
    private final ApplicationQueue queue = new ApplicationQueue("queue", () -> 1);

    @Actor
    public void application() {
      stream.addQueue(queue);
    }

    @Actor
    public void transport() {
      stream.end(1, null);
    }

    @Arbiter
    public void arbiter(J_Result result) {
      // Unknown where the stream had ended before.
      result.r1 = Math.max(0, stream.applicationDepth());
    }
  }
}
