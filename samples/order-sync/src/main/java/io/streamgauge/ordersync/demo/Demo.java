package io.streamgauge.ordersync.demo;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.streamgauge.ordersync.flow.Standstill;
import io.streamgauge.ordersync.rig.ChildProcess;
import io.streamgauge.ordersync.rig.Pages;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The whole system as separate processes: starts them, shows them, stops what it started, compares
 * the journals with the database and sums up in one line.
 */
public final class Demo {

  /**
   * What to run; {@code seconds} null means until Ctrl-C, {@code agentJar} null means that server
   * and fulfilment are attached in code, {@code otlp} is an endpoint that gets the traces besides
   * the viewer, or null.
   */
  public record Settings(
      Path viewerJar,
      Path agentJar,
      DemoPorts ports,
      Integer seconds,
      int streams,
      double rate,
      boolean slowConsumer,
      boolean grayErrors,
      boolean grayDown,
      boolean streamLimit,
      String otlp) {}

  /** Ends a wait for a process that uses the processor for ever. */
  private static final int CEILING_SECONDS = 10 * 60;

  private static final String GRAY = "fulfilment-gray";

  private final Settings settings;
  private final DemoPorts ports;
  private final List<ChildProcess> processes = new ArrayList<>();
  private final CountDownLatch stop = new CountDownLatch(1);
  private final CountDownLatch finished = new CountDownLatch(1);
  private final DemoPause pause;
  private volatile int exitCode = 1;

  /** Tags that the gray instance had missed when it was stopped; null while it runs. */
  private Long lostByGray;

  public Demo(Settings settings) {
    this.settings = settings;
    this.ports = settings.ports();
    this.pause =
        DemoPause.of(settings.seconds(), settings.slowConsumer(), ChildProcess.stallAfter(), ports);
  }

  /** Runs to the end; 0 only if nothing was lost or doubled and spans arrived. */
  public int run() throws IOException, InterruptedException {
    Thread onSignal = new Thread(this::stopAndWait, "demo-stop");
    Runtime.getRuntime().addShutdownHook(onSignal);
    Path directory = Files.createTempDirectory("order-sync-");
    boolean keep = true;
    try {
      exitCode = run(directory);
      keep = exitCode != 0;
    } catch (DemoFailure e) {
      exitCode = 2;
      keep = false;
      throw e;
    } finally {
      for (int i = processes.size() - 1; i >= 0; i--) {
        processes.get(i).close();
      }
      if (keep) {
        System.out.println("demo: journals and database are kept in " + directory);
      } else {
        delete(directory);
      }
      finished.countDown();
    }
    return exitCode;
  }

  /** On a signal: lets the drain and the check happen, and gives their result as exit code. */
  private void stopAndWait() {
    boolean signalled = finished.getCount() > 0;
    stop.countDown();
    try {
      // Each wait of the end has an end of its own.
      finished.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (signalled) {
      System.out.flush();
      Runtime.getRuntime().halt(exitCode);
    }
  }

  private int run(Path directory) throws IOException, InterruptedException {
    long begun = System.nanoTime();
    Path journals = directory.resolve("journals");
    Path database = directory.resolve("orders.db");
    startProcesses(database, journals);
    long healthy = System.nanoTime();
    announce((healthy - begun) / 1e9);
    watch();
    double ran = (System.nanoTime() - healthy) / 1e9;
    return new DemoEnd(ports, this::process, lostByGray, pause, settings.streamLimit())
        .check(database, journals, ran);
  }

  private void startProcesses(Path database, Path journals)
      throws IOException, InterruptedException {
    Path self = ownJar();
    String otlp = "http://127.0.0.1:" + ports.viewer();
    List<String> viewer = new ArrayList<>(List.of("--port", text(ports.viewer())));
    for (int port : ports.streams()) {
      viewer.add("--target=http://127.0.0.1:" + port);
    }
    if (settings.otlp() != null) {
      viewer.add("--forward=" + settings.otlp());
    }
    start("viewer", settings.viewerJar(), viewer.toArray(new String[0]));
    List<String> stable = new ArrayList<>(List.of("--instance=stable", "--port=" + ports.stable()));
    if (settings.streamLimit()) {
      stable.addAll(List.of("--max-calls=1", "--handling-millis=2"));
    }
    startObserved(
        "fulfilment-stable", "fulfilment", ports.stableConsole(), stable.toArray(new String[0]));
    startObserved(
        GRAY,
        "fulfilment",
        ports.grayConsole(),
        "--instance=gray",
        "--port=" + ports.gray(),
        "--fail-share=" + (settings.grayErrors() ? 0.2 : 0));
    startObserved(
        "server",
        "server",
        ports.serverConsole(),
        "--port=" + ports.server(),
        "--database=" + database,
        "--fulfilment=" + ports.stable(),
        "--fulfilment-gray=" + ports.gray());
    await("viewer", () -> Pages.isUp(ports.viewer()));
    await("fulfilment-stable", () -> isServing(ports.stable()));
    await(GRAY, () -> isServing(ports.gray()));
    await("server", () -> isServing(ports.server()));
    List<String> client = new ArrayList<>();
    client.addAll(
        List.of(
            "client",
            "--port=" + ports.server(),
            "--streams=" + settings.streams(),
            "--rate=" + settings.rate(),
            "--journals=" + journals,
            "--console-port=" + ports.clientConsole(),
            "--otlp=" + otlp));
    client.addAll(pause.flags());
    start("client", self, client.toArray(new String[0]));
    await("client", () -> Pages.isUp(ports.clientConsole()));
  }

  private void start(String name, Path jar, String... arguments) throws IOException {
    processes.add(ChildProcess.start(name, List.of(), jar, List.of(arguments)));
  }

  /** Server or fulfilment: with our code in it, or with nothing but the agent added. */
  private void startObserved(String name, String command, int console, String... arguments)
      throws IOException {
    List<String> all = new ArrayList<>(List.of(command));
    all.addAll(List.of(arguments));
    List<String> jvm = List.of();
    String otlp = "http://127.0.0.1:" + ports.viewer();
    if (settings.agentJar() == null) {
      all.add("--console-port=" + console);
      all.add("--otlp=" + otlp);
    } else {
      all.add("--observed-from-outside");
      String service = name.equals("server") ? "order-sync-server" : name;
      jvm = new ArrayList<>(DemoAgent.options(settings.agentJar(), service, console, otlp));
      if (name.equals("server")) {
        jvm.add("-Dstreamgauge.console.port=" + ports.serverStreams());
      }
    }
    processes.add(ChildProcess.start(name, jvm, ownJar(), all));
  }

  private interface Check {
    boolean passes() throws InterruptedException;
  }

  private void await(String name, Check check) throws IOException, InterruptedException {
    ChildProcess process = process(name);
    Standstill standstill = new Standstill();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(CEILING_SECONDS);
    while (!check.passes()) {
      if (!process.isAlive()) {
        throw new DemoFailure(name + " did not start: " + process.lastLine());
      }
      if (standstill.isReached(process.startMoves()) || System.nanoTime() > deadline) {
        throw new DemoFailure(name + " does not become healthy: " + process.lastLine());
      }
      if (stop.await(50, TimeUnit.MILLISECONDS)) {
        throw new DemoFailure("stopped before everything was healthy");
      }
    }
  }

  private ChildProcess process(String name) {
    return processes.stream().filter(p -> p.name().equals(name)).findFirst().orElseThrow();
  }

  private static boolean isServing(int port) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .usePlaintext()
            .build();
    try {
      return HealthGrpc.newBlockingStub(channel)
              .withDeadlineAfter(5, TimeUnit.SECONDS)
              .check(HealthCheckRequest.getDefaultInstance())
              .getStatus()
          == ServingStatus.SERVING;
    } catch (StatusRuntimeException e) {
      return false;
    } finally {
      channel.shutdownNow();
    }
  }

  private void announce(double startSeconds) {
    System.out.printf("demo: everything is healthy after %.1f s%n", startSeconds);
    System.out.println("  live streams    http://127.0.0.1:" + ports.viewer() + "/");
    System.out.println("  traces          http://127.0.0.1:" + ports.viewer() + "/zipkin/");
    System.out.println("  server metrics  http://127.0.0.1:" + ports.serverConsole() + "/metrics");
    System.out.println(
        "  server streams  http://127.0.0.1:" + ports.serverStreams() + "/api/streams");
    System.out.println(
        "  client streams  http://127.0.0.1:" + ports.clientConsole() + "/api/streams");
    System.out.println(
        settings.seconds() == null
            ? "  stop with Ctrl-C"
            : "  stops by itself after " + settings.seconds() + " s");
  }

  private void watch() throws InterruptedException, IOException {
    DemoTable table = new DemoTable(ports);
    long begun = System.nanoTime();
    int limit = settings.seconds() == null ? Integer.MAX_VALUE : settings.seconds();
    // A stall that was promised is waited for; on a slow machine it comes late.
    for (int second = 1; second <= limit || pause.isAwaited(second == limit + 1); second++) {
      long left = begun + TimeUnit.SECONDS.toNanos(second) - System.nanoTime();
      if (stop.await(Math.max(0, left), TimeUnit.NANOSECONDS)) {
        pause.stopped();
        return;
      }
      table.print(second);
      if (settings.grayDown() && lostByGray == null && second >= grayDownAt()) {
        lostByGray = DemoGray.lost(ports.grayConsole());
        process(GRAY).stop();
        System.out.println("demo: the gray fulfilment was stopped; its orders fall back");
      }
      for (ChildProcess process : processes) {
        if (!process.isAlive() && !(lostByGray != null && process == process(GRAY))) {
          throw new IOException(process.name() + " died: " + process.lastLine());
        }
      }
    }
  }

  /** In the middle of the run; without an end, soon. */
  private int grayDownAt() {
    return settings.seconds() == null ? 15 : Math.max(1, settings.seconds() / 2);
  }

  private static Path ownJar() throws IOException {
    try {
      return Path.of(Demo.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IOException(e);
    }
  }

  private static String text(int number) {
    return Integer.toString(number);
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
