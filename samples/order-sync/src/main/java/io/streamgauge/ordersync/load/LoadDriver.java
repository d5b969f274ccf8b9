package io.streamgauge.ordersync.load;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.streamgauge.ordersync.client.EventLoop;
import io.streamgauge.ordersync.client.OrderContexts;
import io.streamgauge.ordersync.client.OrderSource;
import io.streamgauge.ordersync.flow.Standstill;
import io.streamgauge.ordersync.telemetry.Attachment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;

/**
 * Drives a load at a server in an open loop and measures it. Nothing is journalled: this is about
 * speed, {@code client} is about what is kept.
 */
public final class LoadDriver implements AutoCloseable {

  private static final long TICK_MILLIS = 2;

  /** An hour, in microseconds; three digits. */
  private static final long LONGEST = 3_600_000_000L;

  private final LoadSettings settings;
  private final EventLoop loop = new EventLoop();
  private final ManagedChannel channel;
  private final OrderContexts contexts;
  private final List<LoadStream> streams = new ArrayList<>();
  private final LoadSchedule schedule;
  private Histogram latencies = new Histogram(LONGEST, 3);
  private long begun;
  private long made;
  private long slowMade;
  private boolean stopped;

  public LoadDriver(Attachment attachment, LoadSettings settings) {
    this.settings = settings;
    this.schedule = new LoadSchedule(settings.rate(), settings.burst());
    NettyChannelBuilder builder =
        NettyChannelBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), settings.port()))
            .usePlaintext();
    attachment.install(builder);
    channel = builder.build();
    contexts = new OrderContexts(attachment.tracer(), settings.grayShare());
    String run = "load-" + ProcessHandle.current().pid() + "-" + System.nanoTime() + "-";
    for (int i = 0; i < settings.streams(); i++) {
      streams.add(
          new LoadStream(OrderSource.of(run + i), loop, this::took, contexts, System::nanoTime));
    }
  }

  private void took(long nanos) {
    latencies.recordValue(Math.min(LONGEST, Math.max(0, nanos / 1_000)));
  }

  /**
   * Runs it to the end.
   *
   * @param progress gets a line each second
   */
  public LoadResult run(Consumer<String> progress) throws InterruptedException {
    loop.call(
        () -> {
          for (int i = 0; i < streams.size(); i++) {
            streams.get(i).open(channel, i == 0 && settings.slowAcks() > 0);
          }
          begun = System.nanoTime();
          return null;
        });
    loop.every(TICK_MILLIS, this::tick);
    seconds(settings.warmSeconds(), 0, "warming up, ", progress);
    long[] before =
        loop.call(
            () -> {
              latencies = new Histogram(LONGEST, 3);
              return new long[] {made, acked(), again(), System.nanoTime()};
            });
    seconds(settings.seconds(), before[1], "", progress);
    LoadResult result =
        loop.call(
            () ->
                new LoadResult(
                    made - before[0],
                    acked() - before[1],
                    again() - before[2],
                    streams.stream().mapToLong(LoadStream::behind).sum(),
                    streams.stream().filter(stream -> stream.ended() != null).count(),
                    (System.nanoTime() - before[3]) / 1e9,
                    latencies.copy()));
    drain();
    return result;
  }

  private void tick() {
    if (stopped) {
      streams.forEach(LoadStream::finish);
      streams.forEach(LoadStream::pump);
      return;
    }
    long now = System.nanoTime();
    long due = schedule.dueAt(now - begun);
    for (; made < due; made++) {
      streams.get((int) (made % streams.size())).due(begun + schedule.timeOf(made, now - begun));
    }
    if (settings.slowAcks() > 0) {
      long acks = (long) (settings.slowAcks() * (now - begun) / 1e9);
      if (acks > slowMade) {
        streams.get(0).read((int) (acks - slowMade));
        slowMade = acks;
      }
    }
    streams.forEach(LoadStream::pump);
  }

  private long acked() {
    return streams.stream().mapToLong(LoadStream::acked).sum();
  }

  private long again() {
    return streams.stream().mapToLong(LoadStream::again).sum();
  }

  private void seconds(int seconds, long before, String what, Consumer<String> progress)
      throws InterruptedException {
    long from = System.nanoTime();
    for (int i = 1; i <= seconds; i++) {
      long left = from + TimeUnit.SECONDS.toNanos(i) - System.nanoTime();
      TimeUnit.NANOSECONDS.sleep(Math.max(0, left));
      String line =
          loop.call(
              () ->
                  (acked() - before)
                      + " acked, p99 "
                      + latencies.getValueAtPercentile(99) / 1_000
                      + " ms, behind "
                      + streams.stream().mapToLong(LoadStream::behind).sum());
      progress.accept(what + i + " s: " + line);
    }
  }

  /** Waits for the last answers as long as some come. */
  private void drain() throws InterruptedException {
    loop.call(
        () -> {
          stopped = true;
          return null;
        });
    Standstill answers = new Standstill();
    while (streams.stream().anyMatch(stream -> stream.ended() == null)
        && !answers.isReached(loop.call(this::acked))) {
      TimeUnit.MILLISECONDS.sleep(20);
    }
    loop.call(
        () -> {
          contexts.end();
          return null;
        });
  }

  @Override
  public void close() {
    channel.shutdownNow();
    loop.close();
  }
}
