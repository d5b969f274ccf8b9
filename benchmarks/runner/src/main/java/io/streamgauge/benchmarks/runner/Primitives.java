package io.streamgauge.benchmarks.runner;

import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import io.streamgauge.CallSide;
import io.streamgauge.Timing;
import io.streamgauge.internal.context.CallContext;
import io.streamgauge.internal.guard.Guard;
import io.streamgauge.internal.guard.NanoClock;
import io.streamgauge.internal.stream.StreamEnvironment;
import io.streamgauge.internal.stream.StreamListener;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.tracing.ContextScope;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What the counting path is made of, beside what it could be made of instead. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class Primitives {

  private final LongAdder adder = new LongAdder();
  private final ContextScope scope = new ContextScope();
  private final Context context = Context.root().with(ContextKey.named("benchmark"), "value");
  private StreamRecorder stream = recorder();

  /** Of one thread, as a stream's recorder is. */
  private StreamRecorder recorder() {
    StreamEnvironment env =
        new StreamEnvironment(
            new Guard(), NanoClock.SYSTEM, new StreamListener() {}, Timing.SAMPLED);
    StreamRecorder made = new StreamRecorder(CallSide.SERVER, env);
    CallContext.callbacks(made, context);
    return made;
  }

  /** A message sent, as we count it. */
  @Benchmark
  public boolean countSent() {
    return stream.onSend();
  }

  /** A message arrived, delivered and handled; one in 16 is timed. */
  @Benchmark
  public void countReceived() {
    stream.onArrived();
    stream.onDeliver();
    stream.onHandled();
  }

  /** Our scope around a callback. */
  @Benchmark
  public void scopeOurs() {
    Object entered = scope.enter(stream);
    scope.exit(stream, entered);
  }

  /** OpenTelemetry's scope around a callback. */
  @Benchmark
  public void scopeOpenTelemetry() {
    try (io.opentelemetry.context.Scope made = context.makeCurrent()) {
      keep(made);
    }
  }

  private static void keep(io.opentelemetry.context.Scope ignored) {}

  /** What a shared counter would cost instead. */
  @Benchmark
  public void longAdder() {
    adder.increment();
  }

  /** What a clock reading per message would cost. */
  @Benchmark
  public long nanoTime() {
    return System.nanoTime();
  }
}
