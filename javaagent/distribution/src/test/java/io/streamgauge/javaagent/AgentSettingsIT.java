package io.streamgauge.javaagent;

import static io.streamgauge.javaagent.AgentJvm.canary;
import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.testkit.fixture.TestJvm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the agent is told, and what it does about it. */
@Tag("compat")
class AgentSettingsIT {

  private static final String OURS = "[tracer: io.streamgauge";
  private static final String BUILT_IN = "[tracer: io.opentelemetry.grpc";

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({
    "-Dstreamgauge.enabeld=true,streamgauge.enabeld",
    "-Dstreamgauge.stall.after=soon,streamgauge.stall.after",
    "-Dstreamgauge.simpleclient=maybe,streamgauge.simpleclient"
  })
  void aWrongKeyOrValueIsOneLineAndTheApplicationRuns(String option, String key) throws Exception {
    TestJvm.Outcome outcome = canary(AgentJvm.lean(option), "NETTY", "off");

    assertThat(outcome.code()).as(outcome.output()).isZero();
    assertThat(outcome.lines("Streamgauge is off: " + key)).as(outcome.output()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({
    "-Dstreamgauge.console.port=99999,console.port",
    "-Dstreamgauge.profile=slim,profile"
  })
  void aWrongValueForTheAgentIsOneLineAndTheDefaultHolds(String option, String key)
      throws Exception {
    TestJvm.Outcome outcome = canary(AgentJvm.with(AgentJvm.AGENT, option), "NETTY", "bytes");

    assertThat(outcome.code()).as(outcome.output()).isZero();
    assertThat(outcome.lines("Streamgauge: streamgauge." + key + ": '")).hasSize(1);
  }

  @Test
  void offMeansOff() throws Exception {
    TestJvm.Outcome outcome = canary(AgentJvm.lean("-Dstreamgauge.enabled=false"), "NETTY", "off");

    assertThat(outcome.code()).as(outcome.output()).isZero();
  }

  @Test
  void aModuleIsSwitchedOffByName() throws Exception {
    TestJvm.Outcome outcome =
        canary(
            AgentJvm.lean(
                "-Dotel.instrumentation.streamgauge-transport.enabled=false",
                "-Dotel.instrumentation.streamgauge-deframer.enabled=false",
                "-Dotel.instrumentation.streamgauge-retry.enabled=false"),
            "NETTY",
            "nobytes");

    assertThat(outcome.code()).as(outcome.output()).isZero();
    assertThat(outcome.lines("Streamgauge is attached"))
        .singleElement()
        .asString()
        .contains("with builders, context in");
  }

  /** Two calls: one span a side each, of one instrumentation or the other. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void spansAreNeverDoubled(boolean builtIn) throws Exception {
    TestJvm.Outcome outcome =
        canary(
            AgentJvm.lean(
                "-Dotel.traces.exporter=logging", "-Dotel.instrumentation.grpc.enabled=" + builtIn),
            "NETTY",
            "bytes");

    assertThat(outcome.code()).as(outcome.output()).isZero();
    for (String side : new String[] {" SERVER ", " CLIENT "}) {
      assertThat(outcome.lines(side + OURS)).hasSize(builtIn ? 0 : 2);
      assertThat(outcome.lines(side + BUILT_IN)).hasSize(builtIn ? 2 : 0);
    }
  }

  /** {@code otel.config.file} knows no properties; our defaults hold there too. */
  @ParameterizedTest
  @CsvSource({"full,false", "full,true", "lean,false"})
  void aConfigurationFileHasOurDefaultsAndWins(String profile, boolean builtIn) throws Exception {
    int port = TestJvm.freePort();
    Path file = directory.resolve("otel.yaml");
    Files.writeString(
        file,
        """
        file_format: "1.0"
        propagator:
          composite: [{tracecontext: }, {baggage: }, {gray: }]
        tracer_provider:
          processors:
            - simple: {exporter: {console: }}
        meter_provider:
          readers:
            - pull: {exporter: {prometheus/development: {host: 127.0.0.1, port: %d}}}
        """
            .formatted(port));
    if (builtIn) {
      Files.writeString(
          file,
          """
          distribution:
            javaagent:
              instrumentation: {enabled: [grpc]}
          """,
          StandardOpenOption.APPEND);
    }
    TestJvm.Outcome outcome =
        canary(
            new TestJvm()
                .options(
                    "-javaagent:" + AgentJvm.AGENT,
                    "-Dotel.config.file=" + file,
                    "-Dotel.exporter.prometheus.port=" + port,
                    "-Dstreamgauge.profile=" + profile),
            "NETTY",
            "bytes");

    assertThat(outcome.code()).as(outcome.output()).isZero();
    for (String side : new String[] {" SERVER ", " CLIENT "}) {
      assertThat(outcome.lines(side + OURS)).as(outcome.output()).hasSize(builtIn ? 0 : 2);
      assertThat(outcome.lines(side + BUILT_IN)).as(outcome.output()).hasSize(builtIn ? 2 : 0);
    }
    assertThat(outcome.lines("Streamgauge cannot")).isEmpty();
  }

  /** The context bridge is on where the built-in instrumentation is off, also by a file. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void contextsTravelTogetherWithAConfigurationFile(boolean builtIn) throws Exception {
    Path file = directory.resolve("otel.yaml");
    Files.writeString(
        file,
        "file_format: \"1.0\"\n"
            + "tracer_provider: {processors: [{simple: {exporter: {console: }}}]}\n"
            + (builtIn ? "distribution: {javaagent: {instrumentation: {enabled: [grpc]}}}\n" : ""));
    TestJvm.Outcome outcome =
        new TestJvm()
            .options("-javaagent:" + AgentJvm.AGENT, "-Dotel.config.file=" + file)
            .run(ContextCanary.class.getName());

    assertThat(outcome.code()).as(outcome.output()).isZero();
    assertThat(outcome.lines("context: ok")).as(outcome.output()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({
    "io.grpc.MethodDescriptor,Streamgauge sees nothing so far",
    "relocated.io.grpc.MethodDescriptor,there is a copy in relocated.io.grpc"
  })
  void grpcWithoutABuilderIsOneLine(String descriptor, String line) throws Exception {
    TestJvm.Outcome outcome =
        AgentJvm.lean("-Dio.streamgauge.javaagent.presence-seconds=1")
            .run(PresenceCanary.class.getName(), descriptor, line);

    assertThat(outcome.code()).as(outcome.output()).isZero();
    assertThat(outcome.lines(line)).as(outcome.output()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({"false,false", "true,false", "false,true"})
  void contextsTravelTogetherInEverySetting(boolean builtIn, boolean full) throws Exception {
    TestJvm.Outcome outcome =
        AgentJvm.with(
                AgentJvm.AGENT,
                "-Dstreamgauge.profile=" + (full ? "full" : "lean"),
                "-Dotel.instrumentation.grpc.enabled=" + builtIn)
            .run(ContextCanary.class.getName());

    assertThat(outcome.code()).as(outcome.output()).isZero();
    assertThat(outcome.lines("context: ok")).hasSize(1);
  }

  @Test
  void anHttpHopCarriesTheGrayTagToo() throws Exception {
    TestJvm.Outcome outcome =
        AgentJvm.with(AgentJvm.AGENT, "-Dotel.propagators=tracecontext,baggage,gray")
            .run(HttpCanary.class.getName());

    assertThat(outcome.code()).as(outcome.output()).isZero();
    assertThat(outcome.lines("untagged: null null")).hasSize(1);
    assertThat(outcome.lines("tagged: blue blue")).hasSize(1);
  }

  @Test
  void theApplicationsRegistryHasTheMetricsWhereAskedFor() throws Exception {
    TestJvm.Outcome outcome =
        AgentJvm.lean("-Dstreamgauge.simpleclient=true").run(RegistryCanary.class.getName());

    assertThat(outcome.code()).as(outcome.output()).isZero();
    assertThat(outcome.lines("registry: 1.0")).hasSize(1);
  }

  @Test
  void theOpenStreamsAreAtTheConsolePort() throws Exception {
    TestJvm.Outcome outcome =
        AgentJvm.lean("-Dstreamgauge.console.port=" + TestJvm.freePort())
            .run(ConsoleCanary.class.getName());

    assertThat(outcome.code()).as(outcome.output()).isZero();
    assertThat(
            outcome.lines(
                "before: {\"open\":0,\"shown\":0,\"totals\":{},\"lanes\":{},\"streams\":[]}"))
        .hasSize(1);
    assertThat(outcome.lines("during: {\"open\":2,"))
        .singleElement()
        .asString()
        .contains("\"grpc_method\":\"Bidi\"")
        .contains("\"bytes\":{\"transport\":0,\"deframer\":0}");
    assertThat(outcome.lines("elsewhere: 404 405")).hasSize(1);
    assertThat(outcome.lines("hosts: ")).containsExactly("hosts: 200 200 421 421");
    assertThat(outcome.lines("while others dawdle: 200")).hasSize(1);
  }

  @Test
  void anAgentThatCannotUnpackItselfSaysSo() throws Exception {
    TestJvm.Outcome outcome =
        canary(AgentJvm.lean("-Djava.io.tmpdir=" + directory.resolve("none")), "NETTY", "off");

    assertThat(outcome.code()).as(outcome.output()).isZero();
    assertThat(outcome.lines("WARN Streamgauge is off: it cannot unpack its extension"))
        .as(outcome.output())
        .singleElement()
        .asString()
        .contains(directory.resolve("none").toString());
  }

  @Test
  void anAgentThatComesAfterUpstreamsSaysSo() throws Exception {
    TestJvm.Outcome outcome =
        canary(AgentJvm.with(AgentJvm.UPSTREAM, "-javaagent:" + AgentJvm.AGENT), "NETTY", "off");

    assertThat(outcome.code()).as(outcome.output()).isZero();
    assertThat(outcome.lines("WARN Streamgauge is off: another OpenTelemetry agent"))
        .as(outcome.output())
        .hasSize(1);
  }

  @Test
  void anAgentThatComesFirstIsTheOne() throws Exception {
    TestJvm.Outcome outcome =
        canary(AgentJvm.lean("-javaagent:" + AgentJvm.UPSTREAM), "NETTY", "bytes");

    assertThat(outcome.code()).as(outcome.output()).isZero();
    assertThat(outcome.lines("WARN Streamgauge")).isEmpty();
  }

  @Test
  void theJarIsTheUpstreamAgentWithOurExtensionInside() throws Exception {
    try (JarFile jar = new JarFile(AgentJvm.AGENT.toFile())) {
      Attributes manifest = jar.getManifest().getMainAttributes();
      assertThat(manifest.getValue("Premain-Class"))
          .isEqualTo("io.streamgauge.javaagent.StreamgaugeAgent");
      assertThat(manifest.getValue("Streamgauge-Version")).isNotEmpty();
      assertThat(manifest.getValue("OpenTelemetry-Javaagent-Version")).isEqualTo("2.33.1");
      assertThat(jar.getEntry("extensions/streamgauge-javaagent-extension.jar")).isNotNull();
      try (JarFile upstream = new JarFile(AgentJvm.UPSTREAM.toFile())) {
        upstream.stream()
            .filter(entry -> entry.getName().matches("(?i).*(licen[sc]e|notice).*"))
            .forEach(entry -> assertThat(jar.getEntry(entry.getName())).isNotNull());
      }
    }
    Path upstream = AgentJvm.UPSTREAM;
    assertThat(Files.size(AgentJvm.AGENT)).isLessThan(Files.size(upstream) + 1_000_000);
  }
}
