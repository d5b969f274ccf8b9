package io.streamgauge.javaagent.extension;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The classes that go into the application's class loader: the library, under its agent's name, and
 * the hooks. Listed by the build.
 */
final class ExtensionHelpers {

  private static final String INDEX = "META-INF/streamgauge/helpers.idx";

  /** The build renames the library's package; this is its name in the agent. */
  private static final String LIBRARY = "io.streamgauge.javaagent.lib.";

  /** What hooks keep on grpc's objects. */
  static final String BYTES = LIBRARY + "spi.BytesHook";

  static final String RETRY = LIBRARY + "spi.RetryHook";

  /** What the context bridge needs of the library. */
  static final String MARK = LIBRARY + "spi.MessageMark";

  private ExtensionHelpers() {}

  static boolean isHelper(String className) {
    return className.startsWith(LIBRARY) || className.startsWith("io.streamgauge.javaagent.hooks.");
  }

  /** The hooks whose class name begins so, apart from the package. */
  static List<String> hooks(String prefix) {
    List<String> names = new ArrayList<>(names());
    names.removeIf(name -> !name.startsWith("io.streamgauge.javaagent.hooks." + prefix));
    return Collections.unmodifiableList(names);
  }

  /** All helper class names. */
  static List<String> names() {
    List<String> names = new ArrayList<>();
    try (InputStream in = ExtensionHelpers.class.getClassLoader().getResourceAsStream(INDEX);
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.isEmpty()) {
          names.add(line);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Collections.unmodifiableList(names);
  }
}
