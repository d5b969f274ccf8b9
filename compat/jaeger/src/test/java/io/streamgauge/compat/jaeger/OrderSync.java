package io.streamgauge.compat.jaeger;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.testkit.fixture.Await;
import io.streamgauge.testkit.fixture.TestJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * order-sync in four processes, each of which sends its spans straight to one OTLP endpoint: a
 * client, a server, and fulfilment twice, of which the gray instance fails some notices. The first
 * of the client's streams stops reading after a second.
 */
final class OrderSync implements AutoCloseable {

  static final String CLIENT = "order-sync-client";
  static final String SERVER = "order-sync-server";
  static final String STABLE = "fulfilment-stable";
  static final String GRAY = "fulfilment-gray";

  static final String SYNC = "ordersync.v1.OrderSync/SyncOrderStatus";
  static final String NOTIFY = "ordersync.v1.Fulfilment/Notify";

  /** How server and fulfilment are observed; the client has the library in its code. */
  enum Attachment {
    LIBRARY,
    AGENT
  }

  private final Path directory;
  private final String otlp;
  private final Attachment attachment;
  private final Map<String, Process> processes = new LinkedHashMap<>();

  OrderSync(Path directory, String otlp, Attachment attachment) throws IOException {
    this.directory = Files.createDirectories(directory);
    this.otlp = otlp;
    this.attachment = attachment;
    int stable = TestJvm.freePort();
    int gray = TestJvm.freePort();
    int server = TestJvm.freePort();
    try {
      observed(STABLE, "fulfilment", "--instance=stable", "--port=" + stable);
      observed(GRAY, "fulfilment", "--instance=gray", "--port=" + gray, "--fail-share=0.3");
      await(STABLE, "gRPC on");
      await(GRAY, "gRPC on");
      observed(
          SERVER,
          "server",
          "--port=" + server,
          "--database=" + directory.resolve("orders.db"),
          "--fulfilment=" + stable,
          "--fulfilment-gray=" + gray);
      await(SERVER, "gRPC on");
      start(
          CLIENT,
          List.of(),
          List.of(
              "client",
              "--otlp=" + otlp,
              "--port=" + server,
              "--streams=3",
              "--rate=60",
              "--rotate=0",
              "--slow-consumer",
              "--slow-after=1",
              "--slow-for=8",
              "--journals=" + directory.resolve("journals")));
      await(CLIENT, "streams to");
    } catch (Throwable t) {
      close();
      throw t;
    }
  }

  private void observed(String name, String... arguments) throws IOException {
    List<String> all = new ArrayList<>(List.of(arguments));
    if (attachment == Attachment.LIBRARY) {
      all.add("--otlp=" + otlp);
      start(name, List.of(), all);
    } else {
      all.add("--observed-from-outside");
      start(
          name,
          List.of(
              "-javaagent:" + System.getProperty("agent.jar"),
              "-Dstreamgauge.profile=lean",
              "-Dstreamgauge.message-field=metadata",
              "-Dstreamgauge.gray.allow=gray",
              "-Dotel.service.name=" + name,
              "-Dotel.metrics.exporter=none",
              "-Dotel.logs.exporter=none",
              "-Dotel.traces.exporter=otlp",
              "-Dotel.exporter.otlp.protocol=http/protobuf",
              "-Dotel.exporter.otlp.endpoint=" + otlp,
              "-Dotel.bsp.schedule.delay=500"),
          all);
    }
  }

  private void start(String name, List<String> jvm, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx128m");
    command.addAll(jvm);
    command.addAll(List.of("-jar", System.getProperty("order-sync.jar")));
    command.addAll(arguments);
    command.add("--exit-with-parent");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log(name).toFile());
    builder.environment().keySet().removeIf(key -> key.startsWith("STREAMGAUGE_"));
    builder.environment().put("STREAMGAUGE_TRACE_CHECKPOINT", "5s");
    builder.environment().put("STREAMGAUGE_STALL_AFTER", "2s");
    processes.put(name, builder.start());
  }

  private Path log(String name) {
    return directory.resolve(name + ".log");
  }

  private void await(String name, String words) {
    Await.await(processes.get(name), log(name))
        .until(() -> Files.readString(log(name)).contains(words));
  }

  /** What is waited for needs the client to live. */
  Process client() {
    return processes.get(CLIENT);
  }

  Path clientLog() {
    return log(CLIENT);
  }

  /** In an orderly way; it sends what it still has. */
  void stopClient() throws InterruptedException {
    stop(CLIENT);
  }

  /** The same of the others, from the server on. */
  void stopServers() throws InterruptedException {
    stop(SERVER);
    stop(STABLE);
    stop(GRAY);
  }

  private void stop(String name) throws InterruptedException {
    Process process = processes.get(name);
    process.destroy();
    int code = Await.end(process, log(name));
    // 143 is what the JVM makes of the signal.
    assertThat(code).as("exit code of %s", name).isIn(0, 143);
  }

  /** A number of the client's last line. */
  long counted(String name) throws IOException {
    Matcher matcher =
        Pattern.compile("\\b" + name + "=(\\d+)").matcher(Files.readString(clientLog()));
    assertThat(matcher.find()).as("%s in the client's last line", name).isTrue();
    return Long.parseLong(matcher.group(1));
  }

  @Override
  public void close() {
    processes.values().forEach(Process::destroyForcibly);
    processes.values().forEach(process -> process.onExit().join());
  }
}
