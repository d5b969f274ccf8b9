package io.streamgauge.javaagent;

import static io.streamgauge.javaagent.AgentJvm.canary;
import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.testkit.fixture.TestJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The agent and the extension as a local Maven repository has them after an install. */
@Tag("e2e")
class InstalledIT {

  private static final Path REPOSITORY = Path.of(System.getProperty("installed.repository"));

  private static Path file(String artifact, String ending) {
    String version = System.getProperty("project.version");
    return REPOSITORY.resolve(
        "io/streamgauge/" + artifact + "/" + version + "/" + artifact + "-" + version + ending);
  }

  @Test
  void theAgentsArtifactIsTheJarToAttach() throws Exception {
    TestJvm.Outcome outcome =
        canary(
            AgentJvm.with(file("streamgauge-javaagent", ".jar"), "-Dstreamgauge.profile=lean"),
            "NETTY",
            "bytes");

    assertThat(outcome.code()).as(outcome.output()).isZero();
  }

  @Test
  void theExtensionsArtifactIsTheJarForAStockAgent() throws Exception {
    TestJvm.Outcome outcome =
        canary(
            AgentJvm.with(
                AgentJvm.UPSTREAM,
                "-Dotel.javaagent.extensions=" + file("streamgauge-javaagent-extension", ".jar")),
            "NETTY",
            "bytes");

    assertThat(outcome.code()).as(outcome.output()).isZero();
  }

  /** What is inside the jar is not resolved once more. */
  @Test
  void theExtensionsPomAsksForNothing() throws IOException {
    String pom = Files.readString(file("streamgauge-javaagent-extension", ".pom"));

    assertThat(pom).contains("<artifactId>streamgauge-javaagent-extension</artifactId>");
    assertThat(pom).doesNotContain("<scope>compile</scope>");
    assertThat(pom).doesNotContain("<artifactId>streamgauge-interceptors</artifactId>");
  }
}
