package io.streamgauge;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.testkit.fixture.ApiSurface;
import java.nio.file.Path;
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

  @Test
  void whatOurOtherModulesUseDoesNotChangeUnseen() throws Exception {
    ApiSurface.Size size =
        ApiSurface.check(CLASSES, Path.of("src/test/spi.txt"), "io.streamgauge.spi");

    assertThat(size.types()).isLessThanOrEqualTo(8);
  }
}
