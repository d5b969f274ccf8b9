package io.streamgauge.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.testkit.fixture.Gate;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** What is vendored is what it says it is. */
class ConsoleFilesTest {

  private static byte[] read(String name) throws Exception {
    try (InputStream in =
        ConsoleFilesTest.class.getClassLoader().getResourceAsStream("console/" + name)) {
      return in.readAllBytes();
    }
  }

  @Test
  void theChartLibraryHasItsChecksumsAndItsLicence() throws Exception {
    String sums = new String(read("uplot/SHA256SUMS"), StandardCharsets.UTF_8);
    assertThat(sums.lines()).hasSize(2);
    for (String line : sums.lines().toList()) {
      String[] words = line.split("\\s+");
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(read("uplot/" + words[1]));
      assertThat(HexFormat.of().formatHex(digest)).as(words[1]).isEqualTo(words[0]);
    }
    assertThat(new String(read("uplot/LICENSE"), StandardCharsets.UTF_8)).contains("MIT License");
    assertThat(new String(read("uplot/README"), StandardCharsets.UTF_8)).contains("1.6.32");
  }

  /** Its policy forbids both, and nothing may be loaded from another host. */
  @Gate("text")
  @Test
  void thePageHasNoInlineCodeAndLoadsNothingFromElsewhere() throws Exception {
    String page = new String(read("index.html"), StandardCharsets.UTF_8);
    assertThat(page).doesNotContain("style=").doesNotContain("onclick").doesNotContain("://");
    String code = new String(read("app.js"), StandardCharsets.UTF_8);
    assertThat(code).doesNotContain("innerHTML").doesNotContain("insertAdjacentHTML");
  }
}
