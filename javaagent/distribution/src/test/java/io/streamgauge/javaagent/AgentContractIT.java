package io.streamgauge.javaagent;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.testkit.contract.GrayContract;
import io.streamgauge.testkit.contract.MessageContract;
import io.streamgauge.testkit.fixture.TestJvm;
import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The contract of the testkit in a JVM with nothing but {@code -javaagent} added. */
class AgentContractIT {

  /**
   * Of the context the agent brings: a scope closed on another thread fails, one never closed is
   * told.
   */
  private static final String STRICT =
      "-Dio.opentelemetry.javaagent.shaded.io.opentelemetry.context.enableStrictContext=true";

  private static TestJvm.Outcome suite(String profile, Class<?> selected, String... more)
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
            "-Dstreamgauge.gray.allow=" + GrayContract.ALLOW,
            "-Dotel.bsp.max.queue.size=65536",
            "-Dtest.otlp.port=" + otlp)
        .options(more)
        .run(
            "org.junit.platform.console.ConsoleLauncher",
            "execute",
            "--disable-banner",
            "--details=summary",
            "--exclude-tag=" + (Boolean.getBoolean("test.full") ? "none" : "full"),
            "--select-class=" + selected.getName());
  }

  @Test
  @Tag("compat")
  void theWholeContractHoldsUnderTheAgent() throws Exception {
    TestJvm.Outcome outcome =
        suite(
            "full",
            AgentSuite.class,
            "-Dstreamgauge.mdc=true",
            "-Dstreamgauge.message-field=" + MessageContract.FIELD);

    assertThat(outcome.code()).as(outcome.output()).isZero();
    assertThat(outcome.output()).containsPattern("\\[ +[1-9]\\d\\d tests successful");
    assertThat(outcome.lines("Streamgauge is attached: grpc")).hasSize(1);
  }

  @Test
  @Tag("compat")
  void noFaultUnderTheAgentChangesTheOutcomeOfACall() throws Exception {
    TestJvm.Outcome outcome =
        suite("full", AgentFaultSuite.class, "-Djdk.attach.allowAttachSelf=true");

    assertThat(outcome.code()).as(outcome.output()).isZero();
    assertThat(outcome.output()).containsPattern("\\[ +7 tests successful");
  }

  @Test
  void itHoldsInTheLeanProfile() throws Exception {
    TestJvm.Outcome outcome = suite("lean", AgentLeanSuite.class, STRICT);

    assertThat(outcome.code()).as(outcome.output()).isZero();
    assertThat(outcome.output()).containsPattern("\\[ +1\\d\\d tests successful");
    assertThat(outcome.output()).doesNotContain("garbage collected before being closed");
  }
}
