package io.streamgauge.javaagent;

import static io.streamgauge.javaagent.AgentJvm.canary;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.streamgauge.testkit.fixture.TestJvm;
import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an attached agent shows is there; an agent that is not attached fails the test. */
@Tag("compat")
class AgentCanaryIT {

  @ParameterizedTest
  @CsvSource({"NETTY,bytes", "NETTY_SHADED,bytes", "OKHTTP,bytes", "IN_PROCESS,nobytes"})
  void eachTransportIsSeen(String transport, String mode) throws Exception {
    TestJvm.Outcome outcome = canary(AgentJvm.lean("-Dotel.javaagent.debug=true"), transport, mode);

    assertThat(outcome.code()).as(outcome.output()).isZero();
    assertThat(outcome.lines("Failed to handle exception in instrumentation")).isEmpty();
    assertThat(outcome.lines("Streamgauge is attached: grpc"))
        .singleElement()
        .asString()
        .contains("with builders, transport, deframer, retry, context in");
  }

  /** The canary itself: on the agent without our extension it must die. */
  @Test
  void anAgentThatAttachedToNothingIsNoticed() throws Exception {
    TestJvm.Outcome outcome =
        canary(AgentJvm.with(AgentJvm.UPSTREAM, "-Dcanary.standstill.seconds=3"), "NETTY", "bytes");

    assertThat(outcome.code()).as(outcome.output()).isEqualTo(1);
    assertThat(outcome.lines("canary: hello WRONG")).hasSize(1);
  }

  @Test
  void theExtensionWorksOnAStockAgent() throws Exception {
    TestJvm.Outcome outcome =
        canary(
            AgentJvm.with(AgentJvm.UPSTREAM, "-Dotel.javaagent.extensions=" + AgentJvm.EXTENSION),
            "NETTY",
            "bytes");

    assertThat(outcome.code()).as(outcome.output()).isZero();
  }

  /** The library is not in the application, so the agent's SDK takes the histograms. */
  @Test
  void theAgentsSdkIsUsed() throws Exception {
    String withoutLibrary =
        Arrays.stream(System.getProperty("surefire.test.class.path").split(File.pathSeparator))
            .filter(entry -> !entry.contains("interceptors"))
            .collect(Collectors.joining(File.pathSeparator));
    TestJvm.Outcome outcome =
        canary(
            AgentJvm.lean("-Xlog:class+load").classPath(withoutLibrary), "NETTY_SHADED", "bytes");

    assertThat(outcome.code()).as(outcome.output()).isZero();
    assertThat(outcome.lines("internal.tracing.sdk.RecordedSpan ")).hasSize(1);
    assertThat(outcome.lines("internal.export.pull.PulledHistograms$Point ")).hasSize(1);
  }

  @Test
  void theFullProfileWorksOnJdk25() throws Exception {
    Optional<Path> java = TestJvm.java25();
    assumeTrue(java.isPresent(), "no JDK 25: set JAVA25_HOME");
    TestJvm.Outcome outcome =
        canary(AgentJvm.with(AgentJvm.AGENT).java(java.get()), "NETTY", "bytes");

    assertThat(outcome.code()).as(outcome.output()).isZero();
  }
}
