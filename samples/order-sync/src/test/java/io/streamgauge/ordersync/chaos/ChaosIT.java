package io.streamgauge.ordersync.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.testkit.fixture.Await;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The short plan of faults, with real processes, as a user runs it. */
@Tag("e2e")
class ChaosIT {

  @TempDir Path directory;

  @Test
  void thePlanEndsWithoutViolations() throws Exception {
    Path log = directory.resolve("chaos.log");
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-jar",
                System.getProperty("order-sync.jar"),
                "chaos",
                "--plan=ci")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().keySet().removeIf(key -> key.startsWith("STREAMGAUGE_"));
    // A dozen short-lived JVMs on two processors: they have no use for the second compiler.
    builder.environment().put("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1");
    Process chaos = builder.start();
    try {
      Await.end(chaos, log);
    } finally {
      chaos.destroyForcibly().waitFor();
    }
    String text = Files.readString(log);
    assertThat(chaos.exitValue()).as(text).isZero();
    assertThat(text.lines().reduce((first, second) -> second).orElse(""))
        .as(text)
        .matches(
            "chaos: cases="
                + Chaos.names(false).size()
                + " runs=\\d+ acked=\\d+ violations=0 late=\\d+ unfinished=0"
                + " resume_median_s=\\d+\\.\\d\\d");
  }
}
