package io.streamgauge;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.testkit.fixture.ApiSurface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
            "io.streamgauge.logging");

    assertThat(size.types()).isLessThanOrEqualTo(30);
    assertThat(size.members()).isLessThanOrEqualTo(220);
  }

  /** A user finds the whole of it on one page. */
  @Test
  void theApiPageNamesEachType() throws Exception {
    String page = Files.readString(Path.of("../docs/api.md"));
    List<String> types =
        Files.readAllLines(Path.of("src/test/api.txt")).stream()
            .filter(line -> line.startsWith("public "))
            .map(line -> line.replaceFirst("^.*?(class|interface) io\\.streamgauge\\.", ""))
            .map(line -> line.replaceFirst("[ <].*$", ""))
            .map(name -> name.replaceFirst("^(gray|logging)\\.", "").replace('$', '.'))
            .toList();

    assertThat(types).hasSizeGreaterThan(20);
    assertThat(types).allSatisfy(type -> assertThat(page).contains("`" + type + "`"));
  }

  @Test
  void whatOurOtherModulesUseDoesNotChangeUnseen() throws Exception {
    ApiSurface.Size size =
        ApiSurface.check(CLASSES, Path.of("src/test/spi.txt"), "io.streamgauge.spi");

    assertThat(size.types()).isLessThanOrEqualTo(8);
  }
}
