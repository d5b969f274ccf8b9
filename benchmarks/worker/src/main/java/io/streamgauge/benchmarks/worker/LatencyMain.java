package io.streamgauge.benchmarks.worker;

import io.grpc.CallOptions;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * {@code LatencyMain CONFIG RATE SECONDS}: unary calls over Netty at a fixed rate, whether or not
 * those before have come back (an open loop). A call's latency counts from when it was due, so that
 * a stop of the process is in the figures of all calls it delays (no coordinated omission). Prints
 * the median, 99 % and 99.9 % in microseconds, and the number of calls.
 */
public final class LatencyMain {

  private static final int DIGITS = 3;
  private static final int WARM_SECONDS = 5;
  private static final int LAST_SECONDS = 10;

  private LatencyMain() {}

  /** Ends by itself. */
  public static void main(String[] args) throws IOException, InterruptedException {
    int rate = Integer.parseInt(args[1]);
    int seconds = Integer.parseInt(args[2]);
    Subject subject = Worker.subject(args[0]);
    try (BenchRig rig = new BenchRig(subject, Shape.of("S4"))) {
      run(rig, subject.options(), rate, WARM_SECONDS);
      Histogram latencies = run(rig, subject.options(), rate, seconds);
      System.out.printf(
          Locale.ROOT,
          "%.1f %.1f %.1f %d%n",
          micros(latencies, 50),
          micros(latencies, 99),
          micros(latencies, 99.9),
          latencies.getTotalCount());
    }
    System.exit(0); // exporters may still be waiting for their next interval
  }

  private static double micros(Histogram latencies, double percentile) {
    return latencies.getValueAtPercentile(percentile) / 1e3;
  }

  private static Histogram run(BenchRig rig, CallOptions options, int rate, int seconds)
      throws InterruptedException {
    Histogram latencies = new ConcurrentHistogram(DIGITS);
    byte[] message = BenchMethods.message();
    long interval = TimeUnit.SECONDS.toNanos(1) / rate;
    long calls = (long) rate * seconds;
    long due = System.nanoTime();
    for (long i = 0; i < calls; i++) {
      due += interval;
      for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      ClientCalls.asyncUnaryCall(
          rig.channel.newCall(BenchMethods.UNARY, options), message, new Answer(latencies, due));
    }
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LAST_SECONDS);
    while (latencies.getTotalCount() < calls) {
      if (System.nanoTime() - end > 0) {
        throw new IllegalStateException(latencies.getTotalCount() + " answers to " + calls);
      }
      TimeUnit.MILLISECONDS.sleep(1);
    }
    return latencies;
  }

  private record Answer(Histogram latencies, long due) implements StreamObserver<byte[]> {
    @Override
    public void onNext(byte[] value) {}

    @Override
    public void onError(Throwable t) {
      // Not recorded: the run ends with too few answers.
    }

    @Override
    public void onCompleted() {
      latencies.recordValue(Math.max(0, System.nanoTime() - due));
    }
  }
}
