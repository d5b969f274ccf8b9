package io.streamgauge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.streamgauge.testkit.TestJvm;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The contract, the faults and the allocation gate once more, on JDK 25. */
class Java25IT {

  @Test
  void theLibraryBehavesTheSameOnJdk25() throws Exception {
    Optional<Path> java = TestJvm.java25();
    assumeTrue(java.isPresent(), "no JDK 25: set JAVA25_HOME");
    List<String> command =
        new ArrayList<>(
            List.of(
                java.get().toString(),
                "-Djdk.attach.allowAttachSelf=true",
                "-XX:+EnableDynamicAgentLoading",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                "org.junit.platform.console.ConsoleLauncher",
                "execute",
                "--disable-banner",
                "--details=summary"));
    for (Class<?> suite :
        List.of(
            LibraryContractTest.class,
            FaultTest.class,
            AllocationTest.class,
            StallTest.class,
            RetryTest.class)) {
      command.add("--select-class=" + suite.getName());
    }
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor(300, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
    assertThat(output).containsPattern("\\[ +[1-9]\\d+ tests successful");
  }
}
