package io.streamgauge.console.trace;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.testkit.fixture.UnitTest;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@UnitTest
class JaegerTagsTest {

  /** The store keeps an error's description as the value of the tag. */
  @ParameterizedTest
  @CsvSource({
    "'{\"rpc.method\":\"pkg.S/M\"}', rpc.method=pkg.S/M",
    "'{\"error\":\"true\"}', error",
    "'{\"error\":\"true\",\"gray.tag\":\"blue\"}', error and gray.tag=blue",
    "'{\"error\":\"gone\"}', error=gone",
  })
  void aSearchForTagsIsOneOfTheStores(String tags, String query) {
    assertThat(JaegerTags.annotationQuery(tags)).isEqualTo(query);
  }
}
