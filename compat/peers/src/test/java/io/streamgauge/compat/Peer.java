package io.streamgauge.compat;

import io.streamgauge.testkit.fixture.InstalledProgram;
import io.streamgauge.testkit.fixture.RequiredTool;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * A program in another language, from src/test, with its packages installed into the build
 * directory. All take the same arguments and print the same lines: {@code serve}, {@code call PORT
 * [TAG]} and {@code flood PORT COUNT}; a line {@code read} of input releases a handler that a
 * message {@code stick} has stopped.
 */
enum Peer {
  NODE(
      List.of("node", "npm"),
      List.of("package.json", "package-lock.json", "peer.js"),
      List.of("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"),
      List.of("node", "peer.js")),

  GO(
      List.of("go"),
      List.of("go.mod", "go.sum", "peer.go"),
      List.of("go", "build", "-trimpath", "-o", "peer", "."),
      List.of("./peer")),

  PYTHON(
      List.of("python3"),
      List.of("requirements.txt", "peer.py"),
      List.of(
          "python3",
          "-m",
          "pip",
          "install",
          "--quiet",
          "--no-deps",
          "--disable-pip-version-check",
          "--target",
          "packages",
          "-r",
          "requirements.txt"),
      List.of("python3", "peer.py"));

  private static final Path SOURCES = Path.of(System.getProperty("peer.sources"));
  private static final Path BUILD = Path.of(System.getProperty("peer.directory"));

  @SuppressWarnings("ImmutableEnumChecker") // List.of
  private final List<String> tools;

  @SuppressWarnings("ImmutableEnumChecker") // List.of
  private final List<String> files;

  @SuppressWarnings("ImmutableEnumChecker") // List.of
  private final List<String> install;

  @SuppressWarnings("ImmutableEnumChecker") // List.of
  private final List<String> command;

  Peer(List<String> tools, List<String> files, List<String> install, List<String> command) {
    this.tools = tools;
    this.files = files;
    this.install = install;
    this.command = command;
  }

  private String folder() {
    return name().toLowerCase(Locale.ROOT);
  }

  private Path directory() {
    return BUILD.resolve(folder());
  }

  /**
   * Skips the test where a tool or the package registry is missing; fails where all is required.
   */
  void install() throws IOException, InterruptedException {
    for (String tool : tools) {
      RequiredTool.onPath(tool);
    }
    InstalledProgram.install(SOURCES.resolve(folder()), directory(), files, install);
  }

  PeerProcess start(String... arguments) throws IOException {
    return new PeerProcess(directory(), command, arguments);
  }
}
