package io.streamgauge.javaagent;

import static io.streamgauge.javaagent.AgentJvm.canary;
import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.testkit.fixture.TestJvm;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A grpc of tomorrow: the real one with a member renamed. The module that relies on it turns itself
 * off and says so once, the others work, and the application never notices.
 */
@Tag("compat")
class AgentShapeIT {

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "transport,onSendingBytes,AbstractStream$TransportState",
    "deframer,readRequiredBytes,MessageDeframer",
    "retry,commit,RetriableStream"
  })
  void theModuleIsOffAndTheRestWorks(String module, String member, String className)
      throws Exception {
    String name = "io.grpc.internal." + className;
    Renamed.write(folder, name, member);
    TestJvm.Outcome outcome = canary(AgentJvm.lean().before(folder), "NETTY", "any");

    assertThat(outcome.lines("canary: hello ok")).as(outcome.output()).hasSize(1);
    assertThat(outcome.lines("Streamgauge: " + module + " bytes are off, the rest works: " + name))
        .as(outcome.output())
        .hasSize(1);
    assertThat(outcome.lines("Streamgauge is attached"))
        .singleElement()
        .asString()
        .doesNotContain(module)
        .contains("builders", "context");
  }

  @Test
  void withoutTheBuildersEverythingIsOffAndTheApplicationRuns() throws Exception {
    Renamed.write(folder, "io.grpc.internal.ServerImplBuilder", "interceptors");
    TestJvm.Outcome outcome = canary(AgentJvm.lean().before(folder), "NETTY", "off");

    assertThat(outcome.code()).as(outcome.output()).isZero();
    assertThat(outcome.lines("Streamgauge: everything is off")).as(outcome.output()).hasSize(1);
  }
}
