package io.streamgauge.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.streamgauge.testkit.fixture.TestJvm;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The contract, the faults, and what is of the stream and the wire once more, on JDK 25. */
@Tag("compat")
class Java25IT {

  @Test
  void theLibraryBehavesTheSameOnJdk25() throws Exception {
    Optional<Path> java = TestJvm.java25();
    assumeTrue(java.isPresent(), "no JDK 25: set JAVA25_HOME");
    TestJvm.Outcome outcome =
        new TestJvm()
            .java(java.get())
            .options(
                // What allocates nothing does so once the second compiler has seen it.
                "-XX:TieredStopAtLevel=4",
                "-Djdk.attach.allowAttachSelf=true",
                "-XX:+EnableDynamicAgentLoading")
            .run(
                "org.junit.platform.console.ConsoleLauncher",
                "execute",
                "--disable-banner",
                "--details=summary",
                "--exclude-tag=full",
                "--exclude-tag=attack",
                "--select-package=io.streamgauge.contract",
                "--select-package=io.streamgauge.internal.grpc",
                "--select-package=io.streamgauge.internal.live",
                "--select-package=io.streamgauge.internal.stream");

    assertThat(outcome.code()).as(outcome.output()).isZero();
    assertThat(outcome.output()).containsPattern("\\[ +[1-9]\\d+ tests successful");
  }
}
