package io.streamgauge.javaagent;

import static io.streamgauge.javaagent.AgentJvm.canary;
import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.testkit.fixture.TestJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.dynamic.DynamicType;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The agent beside an application that has the library itself, of this version or another. */
@Tag("compat")
class AgentCoexistIT {

  @TempDir Path folder;

  /** Registered in code on one server and channel, left to the agent on another. */
  @Test
  void whatIsRegisteredInCodeWins() throws Exception {
    TestJvm.Outcome outcome = AgentJvm.lean().run(CodeCanary.class.getName());

    assertThat(outcome.code()).as(outcome.output()).isZero();
    assertThat(outcome.lines("code: in code 3.0 started, by the agent 2.0 started"))
        .as(outcome.output())
        .hasSize(1);
    assertThat(outcome.lines("Streamgauge is registered in code already")).hasSize(1);
  }

  /** An interceptor in code, inside the agent's on the server and outside of it on the client. */
  @ParameterizedTest
  @ValueSource(strings = {"full", "lean"})
  void whatBothAreAttachedToIsOneCall(String profile) throws Exception {
    TestJvm.Outcome outcome =
        AgentJvm.with(AgentJvm.AGENT, "-Dstreamgauge.profile=" + profile)
            .run(CodeCanary.class.getName(), "late");

    assertThat(outcome.code()).as(outcome.output()).isZero();
    assertThat(outcome.lines("late: server 3.0, client 3.0, faults 0.0"))
        .as(outcome.output())
        .hasSize(1);
  }

  /** Where the call has no tracer that one of them could tell the other by. */
  @ParameterizedTest
  @CsvSource({"LIGHT,full", "FULL,light", "LIGHT,light"})
  void whatBothAreAttachedToIsOneCallWhateverItMayCost(String inCode, String agent)
      throws Exception {
    TestJvm.Outcome outcome =
        AgentJvm.with(
                AgentJvm.AGENT,
                "-Dstreamgauge.profile=lean",
                "-Dcanary.cost=" + inCode,
                "-Dstreamgauge.cost=" + agent)
            .run(CodeCanary.class.getName(), "late");

    assertThat(outcome.code()).as(outcome.output()).isZero();
    assertThat(outcome.lines("late: server 3.0, client 3.0, faults 0.0"))
        .as(outcome.output())
        .hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"full", "lean"})
  void whatBothAreAttachedToIsOneSpanASide(String profile) throws Exception {
    TestJvm.Outcome outcome =
        AgentJvm.with(
                AgentJvm.AGENT,
                "-Dstreamgauge.profile=" + profile,
                "-Dotel.traces.exporter=logging")
            .run(CodeCanary.class.getName(), "late", "with spans");

    assertThat(outcome.code()).as(outcome.output()).isZero();
    assertThat(outcome.lines(" SERVER [tracer: ")).as(outcome.output()).hasSize(3);
    assertThat(outcome.lines(" CLIENT [tracer: io.streamgauge")).as(outcome.output()).hasSize(3);
  }

  /** Every class of the library is on the class path under its name, and none has what ours has. */
  @Test
  void anotherVersionOfTheLibraryNeverMixesWithOurs() throws Exception {
    writeAnotherVersion();
    TestJvm.Outcome outcome = canary(AgentJvm.lean().before(folder), "NETTY", "bytes");

    assertThat(outcome.code()).as(outcome.output()).isZero();
  }

  private void writeAnotherVersion() throws IOException {
    Path library =
        Path.of(
            io.streamgauge.Streamgauge.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath());
    try (JarFile jar = new JarFile(library.toFile())) {
      for (Enumeration<JarEntry> entries = jar.entries(); entries.hasMoreElements(); ) {
        String entry = entries.nextElement().getName();
        if (entry.endsWith(".class") && !entry.endsWith("package-info.class")) {
          String name = entry.substring(0, entry.length() - ".class".length()).replace('/', '.');
          try (DynamicType.Unloaded<?> empty =
              new ByteBuddy().subclass(Object.class).name(name).make()) {
            Path file = folder.resolve(entry);
            Files.createDirectories(file.getParent());
            Files.write(file, empty.getBytes());
          }
        }
      }
    }
  }
}
