package io.streamgauge.compat.jcstress;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.testkit.fixture.TestJvm;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Runs all tests of this module under jcstress, which tries each tens of thousands to millions of
 * times and fails where a forbidden outcome was seen. Two processors, so no test has more than two
 * actors.
 *
 * <p>By default with the compiler's instruction scheduling shuffled, which takes about a minute;
 * with {@code -Pfull} in each JVM configuration that jcstress knows (interpreter, one compiler or
 * the other, shuffled), which takes five to ten.
 */
class JcstressTest {

  private static final Path RESULTS = Path.of("target", "jcstress").toAbsolutePath();
  private static final Pattern COUNT =
      Pattern.compile(
          "(\\d+) planned; (\\d+) passed, (\\d+) failed, (\\d+) soft errs, (\\d+) hard");

  private static String[] arguments() {
    boolean full = Boolean.getBoolean("test.full");
    List<String> arguments = new ArrayList<>(List.of("org.openjdk.jcstress.Main", "-m", "quick"));
    arguments.addAll(List.of("-c", "2", "-f", "1", "-sc", "false", "-time", "250"));
    arguments.addAll(List.of("-iters", full ? "4" : "2"));
    arguments.addAll(List.of("-r", RESULTS.resolve("report").toString()));
    if (!full) {
      arguments.addAll(
          List.of("-jvmArgs", "-XX:+UnlockDiagnosticVMOptions -XX:+StressLCM -XX:+StressGCM"));
    }
    return arguments.toArray(new String[0]);
  }

  /** Those that the annotation processor has found: one line each. */
  private static int tests() throws IOException {
    try (InputStream list = JcstressTest.class.getResourceAsStream("/META-INF/TestList")) {
      return (int) new String(list.readAllBytes(), UTF_8).lines().count();
    }
  }

  @Test
  void noForbiddenOutcomeIsSeen() throws Exception {
    Files.createDirectories(RESULTS);
    // jcstress hands the options on to its forks, and those need both compilers.
    TestJvm jvm = new TestJvm().options("-XX:TieredStopAtLevel=4").directory(RESULTS);
    TestJvm.Outcome outcome = jvm.run(arguments());

    assertThat(outcome.code()).as(outcome.output()).isZero();
    Matcher counts = COUNT.matcher(outcome.output());
    int planned = 0;
    int passed = 0;
    while (counts.find()) {
      planned = Integer.parseInt(counts.group(1));
      passed = Integer.parseInt(counts.group(2));
    }
    assertThat(planned).as(outcome.output()).isGreaterThanOrEqualTo(tests());
    assertThat(passed).as(outcome.output()).isEqualTo(planned);
  }
}
