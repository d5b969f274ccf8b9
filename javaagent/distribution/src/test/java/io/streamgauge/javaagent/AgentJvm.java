package io.streamgauge.javaagent;

import io.streamgauge.testkit.fixture.TestCanary;
import io.streamgauge.testkit.fixture.TestJvm;
import java.io.IOException;
import java.nio.file.Path;

/** A JVM with nothing but the agent added, its metrics on a Prometheus port. */
final class AgentJvm {

  static final Path AGENT = Path.of(System.getProperty("agent.jar"));
  static final Path UPSTREAM = Path.of(System.getProperty("upstream.jar"));
  static final Path EXTENSION = Path.of(System.getProperty("extension.jar"));

  private AgentJvm() {}

  /** Lean unless an option says otherwise: most of these JVMs live for seconds. */
  static TestJvm lean(String... options) throws IOException {
    return with(AGENT, options).options("-Dstreamgauge.profile=lean");
  }

  static TestJvm with(Path agent, String... options) throws IOException {
    return new TestJvm()
        .options(
            "-javaagent:" + agent,
            "-Dotel.service.name=canary",
            "-Dotel.metrics.exporter=prometheus",
            "-Dotel.exporter.prometheus.host=127.0.0.1",
            "-Dotel.exporter.prometheus.port=" + TestJvm.freePort(),
            "-Dotel.logs.exporter=none",
            "-Dotel.traces.exporter=none")
        .options(options);
  }

  static TestJvm.Outcome canary(TestJvm jvm, String transport, String mode)
      throws IOException, InterruptedException {
    return jvm.run(TestCanary.class.getName(), transport, mode);
  }
}
