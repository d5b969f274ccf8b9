package io.streamgauge.ordersync.rig;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes of the rig that are slow, as on a machine with too much to do. */
class ChildProcessTest {

  private static final int STEPS = 12;

  @TempDir Path directory;

  /** Works on after it was asked to stop, a step at a time, and then says what it did. */
  public static final class SlowEnd {
    private SlowEnd() {}

    public static void main(String[] arguments) throws Exception {
      System.in.readAllBytes();
      for (int i = 1; i <= STEPS; i++) {
        // The length of a step.
        Process pause = new ProcessBuilder("sleep", "0.2").start();
        pause.waitFor();
        System.out.println("slow step " + i);
      }
      System.out.println("slow: steps=" + STEPS);
    }
  }

  @Test
  void aProcessThatStillDoesSomethingIsNotKilled() throws Exception {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, SlowEnd.class.getName());
    Path classes =
        Path.of(SlowEnd.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, classes.toUri().toString());
    Path jar = directory.resolve("slow.jar");
    try (OutputStream out = Files.newOutputStream(jar);
        JarOutputStream made = new JarOutputStream(out, manifest)) {
      made.finish();
    }

    try (ChildProcess process = ChildProcess.start("slow", List.of(), jar, List.of())) {
      assertThat(process.stop()).as("ended by itself").isTrue();
      assertThat(process.exitCode()).isZero();
      assertThat(process.summary()).isEqualTo("slow: steps=" + STEPS);
    }
  }
}
