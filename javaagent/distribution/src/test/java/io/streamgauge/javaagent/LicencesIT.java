package io.streamgauge.javaagent;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class LicencesIT {

  private static final Pattern COMPONENT =
      Pattern.compile("\\*\\*Name:\\*\\* `([^`]+)` \\*\\*Version:\\*\\* `([^`]+)`");

  @Test
  void whatTheAgentShipsIsInTheList() throws Exception {
    String list = Files.readString(Path.of("../../docs/licences.md"));
    List<String> shipped;
    try (JarFile jar = new JarFile(AgentJvm.AGENT.toFile())) {
      byte[] own = jar.getInputStream(jar.getEntry("META-INF/licenses/licenses.md")).readAllBytes();
      shipped =
          COMPONENT
              .matcher(new String(own, StandardCharsets.UTF_8))
              .results()
              .map(found -> found.group(1) + " " + found.group(2))
              .toList();
    }
    assertThat(shipped).hasSizeGreaterThan(50);
    assertThat(shipped).allSatisfy(component -> assertThat(list).contains(component));
  }
}
