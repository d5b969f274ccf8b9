package io.streamgauge.dashboards;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The programs of Debian's package prometheus. */
final class PromTool {

  private PromTool() {}

  record Outcome(int code, String output) {}

  /** Skips the test where the program is not there; fails where all is required. */
  static void require(String program) {
    for (String directory : System.getenv("PATH").split(File.pathSeparator)) {
      if (Files.isExecutable(Path.of(directory, program))) {
        return;
      }
    }
    String what = "there is no " + program + " on the path (Debian: apt-get install prometheus)";
    if ("1".equals(System.getenv("STREAMGAUGE_REQUIRE_ALL"))) {
      fail(what);
    }
    abort(what);
  }

  static Outcome run(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("promtool"));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Outcome(process.waitFor(), output);
  }
}
