package io.streamgauge.console;

import io.streamgauge.testkit.fixture.ApiSurface;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ApiTest {

  @Test
  void nothingPublicChangesUnseen() throws Exception {
    ApiSurface.check(Path.of("target/classes"), Path.of("src/test/api.txt"));
  }
}
