package io.streamgauge.javaagent;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.testkit.TestJvm;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** The contract of the testkit in a JVM with nothing but {@code -javaagent} added. */
class AgentContractIT {

  private static TestJvm.Outcome suite(String profile, Class<?> selected)
      throws IOException, InterruptedException {
    int otlp = TestJvm.freePort();
    return AgentJvm.with(
            AgentJvm.AGENT,
            "-Dstreamgauge.profile=" + profile,
            "-Dstreamgauge.stall.after=1s",
            "-Dotel.traces.exporter=otlp",
            "-Dotel.exporter.otlp.protocol=http/protobuf",
            "-Dotel.exporter.otlp.compression=none",
            "-Dotel.exporter.otlp.endpoint=http://127.0.0.1:" + otlp,
            "-Dotel.bsp.schedule.delay=50",
            "-Dtest.otlp.port=" + otlp)
        .atMost(400)
        .run(
            "org.junit.platform.console.ConsoleLauncher",
            "execute",
            "--disable-banner",
            "--details=summary",
            "--select-class=" + selected.getName());
  }

  @Test
  void theWholeContractHoldsUnderTheAgent() throws Exception {
    TestJvm.Outcome outcome = suite("full", AgentSuite.class);

    assertThat(outcome.code()).as(outcome.output()).isZero();
    assertThat(outcome.output()).containsPattern("\\[ +[1-9]\\d\\d tests successful");
    assertThat(outcome.lines("Streamgauge is attached: grpc")).hasSize(1);
  }

  @Test
  void itHoldsInTheLeanProfile() throws Exception {
    TestJvm.Outcome outcome = suite("lean", AgentLeanSuite.class);

    assertThat(outcome.code()).as(outcome.output()).isZero();
    assertThat(outcome.output()).containsPattern("\\[ +1\\d\\d tests successful");
  }
}
