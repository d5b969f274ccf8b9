package io.streamgauge.javaagent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;

/** A JVM of its own with nothing but {@code -javaagent} added. */
class AgentContractIT {

  private static final Path AGENT = Path.of(System.getProperty("agent.jar"));

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private record Outcome(int code, String output) {}

  private static Outcome run(List<String> options, String... arguments)
      throws IOException, InterruptedException {
    int otlp = freePort();
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-javaagent:" + AGENT,
                "-Dotel.service.name=contract",
                "-Dotel.metrics.exporter=prometheus",
                "-Dotel.exporter.prometheus.host=127.0.0.1",
                "-Dotel.exporter.prometheus.port=" + freePort(),
                "-Dotel.logs.exporter=none",
                "-Dotel.traces.exporter=otlp",
                "-Dotel.exporter.otlp.protocol=http/protobuf",
                "-Dotel.exporter.otlp.compression=none",
                "-Dotel.exporter.otlp.endpoint=http://127.0.0.1:" + otlp,
                "-Dotel.bsp.schedule.delay=50",
                "-Dtest.otlp.port=" + otlp));
    command.addAll(options);
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))));
    command.addAll(List.of(arguments));
    Path log = Files.createTempFile("agent-contract", ".log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      process.getOutputStream().close();
      boolean ended = process.waitFor(120, TimeUnit.SECONDS);
      String output = Files.readString(log);
      assertThat(ended).as(output).isTrue();
      return new Outcome(process.exitValue(), output);
    } finally {
      process.destroyForcibly().waitFor();
      Files.delete(log);
    }
  }

  private static Outcome suite(String... options) throws IOException, InterruptedException {
    return run(
        List.of(options),
        "org.junit.platform.console.ConsoleLauncher",
        "execute",
        "--disable-banner",
        "--details=summary",
        "--select-class=" + AgentSuite.class.getName());
  }

  @Test
  void theWholeContractHoldsUnderTheAgent() throws Exception {
    Outcome outcome = suite();

    assertThat(outcome.code()).as(outcome.output()).isZero();
    assertThat(outcome.output()).containsPattern("\\[ +[1-9]\\d+ tests successful");
    assertThat(outcome.output().lines())
        .filteredOn(line -> line.contains("Streamgauge is attached: grpc"))
        .hasSize(1);
  }

  @Test
  void theWholeContractHoldsInTheLeanProfile() throws Exception {
    Outcome outcome = suite("-Dstreamgauge.profile=lean");

    assertThat(outcome.code()).as(outcome.output()).isZero();
  }

  @Test
  void aWrongKeyIsOneLineAndTheApplicationRuns() throws Exception {
    Outcome outcome = run(List.of("-Dstreamgauge.enabeld=true"), AgentCanary.class.getName());

    assertThat(outcome.code()).as(outcome.output()).isZero();
    assertThat(outcome.output()).contains("canary: hello");
    assertThat(outcome.output().lines())
        .filteredOn(line -> line.contains("Streamgauge is off: streamgauge.enabeld"))
        .hasSize(1);
  }

  @Test
  void theJarIsTheUpstreamAgentWithOurExtensionInside() throws Exception {
    try (JarFile jar = new JarFile(AGENT.toFile())) {
      Attributes manifest = jar.getManifest().getMainAttributes();
      assertThat(manifest.getValue("Premain-Class"))
          .isEqualTo("io.opentelemetry.javaagent.OpenTelemetryAgent");
      assertThat(manifest.getValue("Streamgauge-Version")).isNotEmpty();
      assertThat(manifest.getValue("OpenTelemetry-Javaagent-Version")).isEqualTo("2.33.1");
      assertThat(jar.getEntry("extensions/streamgauge-javaagent-extension.jar")).isNotNull();
    }
    long upstream = Files.size(Path.of(System.getProperty("upstream.jar")));
    assertThat(Files.size(AGENT)).isLessThan(upstream + 1_000_000);
  }
}
