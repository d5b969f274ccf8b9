package io.streamgauge.ordersync.load;

import io.streamgauge.ordersync.flow.Standstill;
import io.streamgauge.ordersync.rig.ChildProcess;
import io.streamgauge.ordersync.rig.FreePort;
import io.streamgauge.ordersync.rig.Pages;
import io.streamgauge.ordersync.telemetry.Attachment;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * What the toolkit costs this service: the same load at two servers, one with everything on and one
 * with {@code streamgauge.enabled=false}, in turns, so that what the machine does meanwhile hits
 * both alike. One server process is kept for each, so that both are warm.
 */
public final class Capacity {

  /** One side of a round: messages per second, CPU of the server per message, p99 of acks. */
  private record Sample(double perSecond, double cpuMicros, double p99) {}

  /**
   * Medians over the rounds, and the ratios of the pairs.
   *
   * @param throughput ratio on to off
   * @param cpu ratio of CPU per message, on to off
   * @param line all of it, to print
   */
  public record Result(double throughput, double cpu, String line) {}

  /** Rounds in which the compiler is still at work; they are not counted. */
  private static final int WARM_ROUNDS = 8;

  private final Attachment attachment;
  private final int streams;
  private final double rate;
  private final int seconds;
  private final int rounds;
  private final Consumer<String> progress;

  /**
   * Prepares a measurement.
   *
   * @param attachment of the driver: its orders are traced and tagged, whichever server takes them
   * @param rate offered per second; above what the server can do, its highest rate is measured
   */
  public Capacity(
      Attachment attachment,
      int streams,
      double rate,
      int seconds,
      int rounds,
      Consumer<String> progress) {
    this.attachment = attachment;
    this.streams = streams;
    this.rate = rate;
    this.seconds = seconds;
    this.rounds = rounds;
    this.progress = progress;
  }

  /** A server with its fulfilment and database, until it is closed. */
  private static final class Service implements AutoCloseable {
    private final Path directory = Files.createTempDirectory("order-sync-capacity-");
    private final int port = FreePort.next();
    private final ChildProcess fulfilment;
    private final ChildProcess server;

    Service(boolean enabled, String otlp) throws IOException, InterruptedException {
      Map<String, String> environment =
          Map.of(
              "STREAMGAUGE_ENABLED", Boolean.toString(enabled), "STREAMGAUGE_STALL_AFTER", "10s");
      int notices = FreePort.next();
      fulfilment = start("fulfilment-stable", Map.of(), "fulfilment", "--port=" + notices);
      int health = FreePort.next();
      server =
          start(
              "server",
              environment,
              "server",
              "--port=" + port,
              "--health-port=" + health,
              "--database=" + directory.resolve("orders.db"),
              "--otlp=" + otlp,
              "--fulfilment=" + notices,
              "--fulfilment-gray=" + notices);
      Standstill standstill = new Standstill();
      while (!Pages.isUp(health)) {
        if (!server.isAlive() || standstill.isReached(server.startMoves())) {
          throw new IOException("the server did not start: " + server.lastLine());
        }
        TimeUnit.MILLISECONDS.sleep(50);
      }
    }

    private static ChildProcess start(
        String name, Map<String, String> environment, String... arguments) throws IOException {
      try {
        Path jar =
            Path.of(Capacity.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        return ChildProcess.start(name, List.of(), jar, List.of(arguments), environment);
      } catch (URISyntaxException e) {
        throw new IOException(e);
      }
    }

    @Override
    public void close() throws IOException, InterruptedException {
      server.stop();
      fulfilment.stop();
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  /** Runs all rounds. */
  public Result run() throws IOException, InterruptedException {
    List<Sample> on = new ArrayList<>();
    List<Sample> off = new ArrayList<>();
    try (SpanSink sink = new SpanSink();
        Service enabled = new Service(true, sink.url());
        Service disabled = new Service(false, sink.url())) {
      for (int round = 1 - WARM_ROUNDS; round <= rounds; round++) {
        // In turns also within a round: first one, then the other.
        boolean onFirst = round % 2 == 0;
        Sample first = measure(onFirst ? enabled : disabled);
        Sample second = measure(onFirst ? disabled : enabled);
        if (round > 0) {
          on.add(onFirst ? first : second);
          off.add(onFirst ? second : first);
        }
        progress.accept(
            String.format(
                Locale.ROOT,
                "%s: on %s, off %s",
                round > 0 ? "round " + round + " of " + rounds : "warming up",
                text(onFirst ? first : second),
                text(onFirst ? second : first)));
      }
    }
    return sum(on, off);
  }

  private static String text(Sample sample) {
    return String.format(
        Locale.ROOT,
        "%.0f msg/s %.1f us CPU p99 %.1f ms",
        sample.perSecond(),
        sample.cpuMicros(),
        sample.p99());
  }

  private Sample measure(Service system) throws InterruptedException {
    try (LoadDriver driver =
        new LoadDriver(
            attachment, new LoadSettings(system.port, streams, rate, 1, seconds, 1, 0.25, 0))) {
      double[] before = new double[2];
      // From the first measured second on, so that the warm-up of connections is not in it.
      before[0] = system.server.cpuSeconds();
      LoadResult result = driver.run(line -> {});
      before[1] = system.server.cpuSeconds();
      double cpu = (before[1] - before[0]) * 1e6 / (result.perSecond() * (result.seconds() + 1));
      return new Sample(result.perSecond(), cpu, result.millis(99));
    }
  }

  private static Result sum(List<Sample> on, List<Sample> off) {
    List<Double> throughput = new ArrayList<>();
    List<Double> cpu = new ArrayList<>();
    for (int i = 0; i < on.size(); i++) {
      throughput.add(on.get(i).perSecond() / off.get(i).perSecond());
      cpu.add(on.get(i).cpuMicros() / off.get(i).cpuMicros());
    }
    String line =
        String.format(
            Locale.ROOT,
            "msg_per_s=%.0f off_msg_per_s=%.0f throughput_ratio=%s cpu_ratio=%s p99_ms=%.1f",
            median(on.stream().map(Sample::perSecond).toList()),
            median(off.stream().map(Sample::perSecond).toList()),
            spread(throughput),
            spread(cpu),
            median(on.stream().map(Sample::p99).toList()));
    return new Result(median(throughput), median(cpu), line);
  }

  private static String spread(List<Double> ratios) {
    return String.format(
        Locale.ROOT,
        "%.3f[%.3f..%.3f]",
        median(ratios),
        Collections.min(ratios),
        Collections.max(ratios));
  }

  private static double median(List<Double> values) {
    List<Double> sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }
}
