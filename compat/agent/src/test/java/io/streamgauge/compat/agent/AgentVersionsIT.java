package io.streamgauge.compat.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.streamgauge.testkit.fixture.Gate;
import io.streamgauge.testkit.fixture.TestCanary;
import io.streamgauge.testkit.fixture.TestJvm;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** The one jar on every grpc it is said to support: start, bind, a canary call, numbers right. */
@Gate("R10")
class AgentVersionsIT {

  static final List<String> VERSIONS = List.of("1.60.0", "1.68.2", "1.75.0", "1.79.0", "1.85.1");

  /** The tests' own class path with another grpc in it. */
  private static String classPath(String version) throws IOException {
    String others =
        Arrays.stream(
                System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path"))
                    .split(File.pathSeparator, -1))
            .filter(entry -> !entry.contains(File.separator + "grpc" + File.separator))
            .collect(Collectors.joining(File.pathSeparator));
    try (Stream<Path> jars = Files.list(Path.of("target", "grpc-" + version))) {
      return jars.map(Path::toString).sorted().collect(Collectors.joining(File.pathSeparator))
          + File.pathSeparator
          + others;
    }
  }

  private static void assertCanaryLives(String version, TestJvm jvm) throws Exception {
    TestJvm.Outcome outcome =
        jvm.options(
                "-javaagent:" + System.getProperty("agent.jar"),
                "-Dstreamgauge.profile=lean",
                "-Dotel.javaagent.debug=true",
                "-Dotel.metrics.exporter=prometheus",
                "-Dotel.exporter.prometheus.host=127.0.0.1",
                "-Dotel.exporter.prometheus.port=" + TestJvm.freePort(),
                "-Dotel.logs.exporter=none",
                "-Dotel.traces.exporter=none")
            .classPath(classPath(version))
            .run(TestCanary.class.getName(), "NETTY_SHADED", "bytes");

    assertThat(outcome.code()).as(outcome.output()).isZero();
    assertThat(outcome.lines("Streamgauge is attached: grpc " + version + " with "))
        .as(outcome.output())
        .singleElement()
        .asString()
        .contains("builders, transport, deframer, retry, context");
    assertThat(outcome.lines("Failed to handle exception in instrumentation")).isEmpty();
    assertThat(outcome.lines("WARN io.streamgauge")).isEmpty();
  }

  @ParameterizedTest
  @FieldSource("VERSIONS")
  void onThisJdk(String version) throws Exception {
    assertCanaryLives(version, new TestJvm());
  }

  @ParameterizedTest
  @FieldSource("VERSIONS")
  void onJdk25(String version) throws Exception {
    Optional<Path> java = TestJvm.java25();
    assumeTrue(java.isPresent(), "no JDK 25: set JAVA25_HOME");
    assertCanaryLives(version, new TestJvm().java(java.get()));
  }
}
