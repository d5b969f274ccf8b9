package io.streamgauge.compat;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import io.streamgauge.testkit.fixture.Await;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/** The program of src/test/node with its packages installed into the build directory. */
final class NodePeer {

  private static final Path SOURCES = Path.of(System.getProperty("node.peer"));
  private static final Path DIRECTORY = Path.of(System.getProperty("node.directory"));

  private NodePeer() {}

  /** Skips the test where there is no node or no package registry; fails where all is required. */
  static void install() throws IOException, InterruptedException {
    if (!isOnPath("node") || !isOnPath("npm")) {
      missing("there is no node and npm on the path");
    }
    Files.createDirectories(DIRECTORY);
    for (String file : List.of("package.json", "package-lock.json", "peer.js")) {
      Files.copy(
          SOURCES.resolve(file), DIRECTORY.resolve(file), StandardCopyOption.REPLACE_EXISTING);
    }
    if (Files.isDirectory(DIRECTORY.resolve("node_modules/@grpc/grpc-js"))) {
      return;
    }
    Path log = DIRECTORY.resolve("npm.log");
    Process npm =
        new ProcessBuilder("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
            .directory(DIRECTORY.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    if (Await.end(npm, log) != 0) {
      missing("npm could not install the packages: " + Files.readString(log));
    }
  }

  private static boolean isOnPath(String program) {
    for (String directory : System.getenv("PATH").split(File.pathSeparator)) {
      if (Files.isExecutable(Path.of(directory, program))) {
        return true;
      }
    }
    return false;
  }

  private static void missing(String what) {
    if ("1".equals(System.getenv("STREAMGAUGE_REQUIRE_ALL"))) {
      fail(what);
    }
    abort(what);
  }

  static Process start(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("node", "peer.js"));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .directory(DIRECTORY.toFile())
        .redirectErrorStream(true)
        .start();
  }

  static BufferedReader output(Process process) {
    return new BufferedReader(
        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }
}
