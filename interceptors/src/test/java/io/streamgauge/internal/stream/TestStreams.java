package io.streamgauge.internal.stream;

import io.streamgauge.CallSide;
import io.streamgauge.CallType;
import io.streamgauge.StallCause;
import io.streamgauge.Timing;
import io.streamgauge.internal.guard.Guard;
import io.streamgauge.internal.live.LiveStreams;
import io.streamgauge.internal.live.StallWatch;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Streams without gRPC for tests of one thread: a clock that the test moves, a list of the open
 * streams, a stall watch that looks when it is told to, and what a listener was told.
 */
public final class TestStreams {

  public static final WatchedMethod UNARY = method(CallType.UNARY);
  public static final WatchedMethod CLIENT_STREAM = method(CallType.CLIENT_STREAM);
  public static final WatchedMethod SERVER_STREAM = method(CallType.SERVER_STREAM);
  public static final WatchedMethod BIDI = method(CallType.BIDI_STREAM);

  /** How long a stream may stand still, seconds. */
  public static final int THRESHOLD = 10;

  public final Guard guard = new Guard();

  /** What the listener was told, one line each, without {@code checked}. */
  public final List<String> heard = new ArrayList<>();

  public final StreamEnvironment env;
  public final LiveStreams live;
  public final StallWatch watch;

  private long now;
  private int clockReads;

  public TestStreams(Timing timing) {
    this(timing, TimeUnit.HOURS.toNanos(1));
  }

  /** With a clock that begins at that reading. */
  TestStreams(Timing timing, long now) {
    this.now = now;
    this.live = new LiveStreams(this::read, lane -> lane == null ? StreamRecorder.BASELINE : lane);
    StreamListeners listeners = new StreamListeners(guard, List.of(live, new Heard(heard)));
    this.env = new StreamEnvironment(guard, this::read, listeners, timing);
    this.watch =
        new StallWatch(guard, env, live, method -> TimeUnit.SECONDS.toNanos(thresholdOf(method)));
  }

  private static int thresholdOf(WatchedMethod method) {
    return method == SERVER_STREAM ? 3 * THRESHOLD : THRESHOLD;
  }

  private static WatchedMethod method(CallType type) {
    return new WatchedMethod(type, "pkg.Service", type.label());
  }

  private long read() {
    clockReads++;
    return now;
  }

  /** How often the clock was read. */
  int clockReads() {
    return clockReads;
  }

  /** Moves the clock. */
  public void pass(long amount, TimeUnit unit) {
    now += unit.toNanos(amount);
  }

  /** One look of the watch per second. */
  public void seconds(int seconds) {
    for (int i = 0; i < seconds; i++) {
      pass(1, TimeUnit.SECONDS);
      watch.tick();
    }
  }

  /** A stream that has started, with a tracer. */
  public StreamRecorder open(CallSide side, WatchedMethod method) {
    StreamRecorder stream = new StreamRecorder(side, env);
    stream.traced();
    return start(stream, method);
  }

  /** A stream that has started, without a tracer, as with the interceptor alone. */
  public StreamRecorder openUntraced(CallSide side, WatchedMethod method) {
    return start(new StreamRecorder(side, env), method);
  }

  private static StreamRecorder start(StreamRecorder stream, WatchedMethod method) {
    stream.claim(method);
    stream.start(null);
    return stream;
  }

  /** The application sends that many messages. */
  public static void send(StreamRecorder stream, int messages) {
    for (int i = 0; i < messages; i++) {
      stream.onSend();
    }
  }

  /** The application is given that many messages and returns from each callback. */
  public static void deliver(StreamRecorder stream, int messages) {
    for (int i = 0; i < messages; i++) {
      stream.onDeliver();
      stream.onHandled();
    }
  }

  /** Writes down what it is told. */
  private record Heard(List<String> heard) implements StreamListener {

    @Override
    public void waitedAtLimit(StreamRecorder stream, long nanos) {
      heard.add("limit " + TimeUnit.NANOSECONDS.toMillis(nanos));
    }

    @Override
    public void started(StreamRecorder stream) {
      heard.add("started");
    }

    @Override
    public void ended(StreamRecorder stream, long nowNanos) {
      heard.add("ended " + stream.code());
    }

    @Override
    public void firstMessage(StreamRecorder stream, long nanos) {
      heard.add("first " + millis(nanos));
    }

    @Override
    public void queued(StreamRecorder stream, long nanos) {
      heard.add("queued " + millis(nanos));
    }

    @Override
    public void held(StreamRecorder stream, long nanos) {
      heard.add("held " + millis(nanos));
    }

    @Override
    public void stalled(StreamRecorder stream, StallCause cause) {
      heard.add("stalled " + cause.label());
    }

    @Override
    public void resumed(StreamRecorder stream, StallCause cause, long nanos) {
      heard.add("resumed " + cause.label() + " " + millis(nanos));
    }

    @Override
    public void refused(StreamRecorder stream, String what) {
      heard.add("refused " + what);
    }

    @Override
    public void laneEvent(StreamRecorder stream, LaneEvent event, String detail) {
      heard.add("tagged " + event + " " + detail);
    }

    private static long millis(long nanos) {
      return TimeUnit.NANOSECONDS.toMillis(nanos);
    }
  }

  /** Asks the stream's queues, as the watch does. */
  public static void askQueues(StreamRecorder stream) {
    stream.askQueues();
  }
}
