package io.streamgauge.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/**
 * What a module's jar promises: the public and protected signatures of its public classes, as the
 * JDK's javap prints them. There is no release to compare with yet, so they are kept in a file, and
 * a change of one is a change of the other, for a reviewer to see.
 */
public final class ApiSurface {

  private ApiSurface() {}

  /**
   * Compares; with {@code -Dapi.write=true} writes the file instead.
   *
   * @param classes the module's folder of classes
   * @param file of the signatures
   */
  public static void check(Path classes, Path file) throws IOException {
    String now = signatures(classes);
    if (Boolean.getBoolean("api.write")) {
      Files.writeString(file, now);
    }
    assertThat(now)
        .as("public signatures; if the change is meant, write %s anew (-Dapi.write=true)", file)
        .isEqualTo(Files.readString(file));
  }

  private static String signatures(Path classes) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("-protected"));
    try (Stream<Path> files = Files.walk(classes)) {
      files
          .map(Path::toString)
          .filter(file -> file.endsWith(".class") && !file.endsWith("package-info.class"))
          .sorted()
          .forEach(arguments::add);
    }
    StringWriter out = new StringWriter();
    ToolProvider javap = ToolProvider.findFirst("javap").orElseThrow();
    int code =
        javap.run(new PrintWriter(out), new PrintWriter(out), arguments.toArray(new String[0]));
    assertThat(code).as(out.toString()).isZero();
    return publicOnes(out.toString());
  }

  /** Of each class one block, from its head to the closing brace; "Compiled from" goes. */
  private static String publicOnes(String text) {
    StringBuilder kept = new StringBuilder(text.length());
    boolean inside = false;
    for (String line : text.lines().toList()) {
      if (line.startsWith("public ")) {
        inside = true;
      } else if (!line.startsWith(" ") && !line.startsWith("}")) {
        inside = false;
      }
      if (inside) {
        kept.append(line).append('\n');
      }
    }
    return kept.toString();
  }
}
