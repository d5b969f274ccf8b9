package io.streamgauge.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class ViewerMainTest {

  @TempDir Path directory;

  private record Outcome(int code, String out, String err) {}

  private static synchronized Outcome run(String... arguments) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
    ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
    try {
      System.setOut(new PrintStream(outBytes, true, StandardCharsets.UTF_8));
      System.setErr(new PrintStream(errBytes, true, StandardCharsets.UTF_8));
      int code = new CommandLine(new ViewerMain()).execute(arguments);
      return new Outcome(
          code,
          outBytes.toString(StandardCharsets.UTF_8),
          errBytes.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--target=127.0.0.1:9471",
        "--target=ftp://x",
        "--target=http://127.0.0.1:1 --target-token-file=no-such-file",
        "--port=70000",
        "--max-spans=0",
        "--forward=nowhere",
        "top nowhere",
        "top http://127.0.0.1:1 --rows=0",
        "top http://127.0.0.1:1 --count=-1",
        "top http://127.0.0.1:1 --token-file=no-such-file"
      })
  void badInputIsOneLineAndExitCodeTwo(String arguments) {
    Outcome outcome = run(arguments.split(" "));
    assertThat(outcome.code()).as(outcome.err()).isEqualTo(2);
    assertThat(outcome.err().strip().lines()).hasSize(1);
  }

  @Test
  void anEmptyTokenFileIsSaid() throws Exception {
    Path empty = Files.writeString(directory.resolve("token"), "\n");
    Outcome outcome = run("top", "http://127.0.0.1:1", "--token-file=" + empty);
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.err()).contains("no token");
  }

  @Test
  void topShowsWhatThePageShowsAndSaysWhenNobodyIsThere() throws Exception {
    try (Viewer viewer = new Viewer(0, 10, null, List.of())) {
      viewer.start();
      Outcome outcome = run("top", "http://127.0.0.1:" + viewer.port(), "--count=2");
      assertThat(outcome.code()).as(outcome.err()).isZero();
      assertThat(outcome.out()).contains("open 0  stalled 0").contains("METHOD");
    }
    Outcome nobody = run("top", "http://127.0.0.1:1", "--count=1");
    assertThat(nobody.code()).isEqualTo(1);
    assertThat(nobody.err().strip().lines()).hasSize(1);
  }
}
