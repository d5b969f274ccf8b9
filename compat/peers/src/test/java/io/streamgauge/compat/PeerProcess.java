package io.streamgauge.compat;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.testkit.fixture.Await;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A peer that runs; it ends when its input is closed, or by {@link #close}. */
final class PeerProcess implements AutoCloseable {

  private final Process process;
  private final BufferedWriter input;
  private final List<String> lines = new CopyOnWriteArrayList<>();

  /** Set after the last line is there. */
  private volatile boolean over;

  PeerProcess(Path directory, List<String> command, String... arguments) throws IOException {
    List<String> all = new ArrayList<>(command);
    all.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(all).directory(directory.toFile()).redirectErrorStream(true);
    // Of Python only; the others do not look at it.
    builder.environment().put("PYTHONPATH", directory.resolve("packages").toString());
    process = builder.start();
    input =
        new BufferedWriter(
            new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
    Thread reader = new Thread(this::read, "peer-output");
    reader.setDaemon(true);
    reader.start();
  }

  private void read() {
    try (BufferedReader output =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      output.lines().forEach(lines::add);
    } catch (IOException | UncheckedIOException e) {
      lines.add(e.toString());
    } finally {
      over = true;
    }
  }

  /** What comes after that word in the first line that begins with it; waits for such a line. */
  String after(String word) {
    Await.await().until(() -> find(word) != null || over);
    assertThat(find(word)).as("'%s' in what the peer printed: %s", word, lines).isNotNull();
    return find(word);
  }

  private String find(String word) {
    for (String line : lines) {
      if (line.startsWith(word + " ")) {
        return line.substring(word.length() + 1);
      }
    }
    return null;
  }

  int port() {
    return Integer.parseInt(after("port"));
  }

  void say(String line) throws IOException {
    input.write(line + "\n");
    input.flush();
  }

  @Override
  public void close() throws InterruptedException {
    process.destroy();
    process.waitFor();
  }
}
