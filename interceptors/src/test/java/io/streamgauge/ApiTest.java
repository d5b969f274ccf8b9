package io.streamgauge;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.testkit.fixture.ApiSurface;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What is public is a promise: a change of a signature fails until it is stated, and so does
 * growth. Packages below {@code internal} promise nothing.
 */
class ApiTest {

  private static final Path CLASSES = Path.of("target/classes");

  @Test
  void whatApplicationsUseDoesNotChangeUnseen() throws Exception {
    ApiSurface.Size size =
        ApiSurface.check(
            CLASSES,
            Path.of("src/test/api.txt"),
            "io.streamgauge",
            "io.streamgauge.gray",
            "io.streamgauge.logging",
            "io.streamgauge.otel");

    assertThat(size.types()).isLessThanOrEqualTo(30);
    assertThat(size.members()).isLessThanOrEqualTo(220);
  }

  /** The names of the types in one of the lists, without their package. */
  private static List<String> types(String list) throws IOException {
    return Files.readAllLines(Path.of("src/test", list)).stream()
        .filter(line -> line.startsWith("public "))
        .map(line -> line.replaceFirst("^.*?(class|interface) io\\.streamgauge\\.", ""))
        .map(line -> line.replaceFirst("[ <].*$", ""))
        .map(name -> name.replaceFirst("^(gray|logging|otel|spi)\\.", "").replace('$', '.'))
        .toList();
  }

  /** A user finds the whole of it on one page. */
  @Test
  void theApiPageNamesEachType() throws Exception {
    String page = Files.readString(Path.of("../docs/api.md"));
    List<String> types = types("api.txt");

    assertThat(types).hasSizeGreaterThan(20);
    assertThat(types).allSatisfy(type -> assertThat(page).contains("`" + type + "`"));
  }

  @Test
  void eachPublicTypeHasATest() throws Exception {
    Map<String, String> tests = new HashMap<>();
    for (String row : Files.readAllLines(Path.of("../docs/maintainers/api.md"))) {
      String[] cells = row.split("\\|");
      if (cells.length == 3 && cells[1].contains("`")) {
        for (String type : cells[1].split(",")) {
          tests.put(name(type), name(cells[2]));
        }
      }
    }
    Set<String> files = new HashSet<>();
    try (Stream<Path> all = Files.walk(Path.of("src/test/java"))) {
      all.forEach(file -> files.add(file.getFileName().toString()));
    }
    List<String> types = new ArrayList<>(types("api.txt"));
    types.addAll(types("spi.txt"));

    assertThat(tests.keySet()).containsExactlyInAnyOrderElementsOf(types);
    assertThat(tests.values()).allSatisfy(test -> assertThat(files).contains(test + ".java"));
  }

  private static String name(String cell) {
    return cell.replace('`', ' ').trim();
  }

  @Test
  void whatOurOtherModulesUseDoesNotChangeUnseen() throws Exception {
    ApiSurface.Size size =
        ApiSurface.check(CLASSES, Path.of("src/test/spi.txt"), "io.streamgauge.spi");

    assertThat(size.types()).isLessThanOrEqualTo(8);
  }
}
