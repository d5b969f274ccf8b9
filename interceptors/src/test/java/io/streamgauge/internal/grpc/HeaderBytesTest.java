package io.streamgauge.internal.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Metadata;
import io.streamgauge.testkit.fixture.UnitTest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

@UnitTest
class HeaderBytesTest {

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void aHeaderIsTheSameAsBytesAsTextAndByThePublicWay() {
    Metadata.Key<String> text = Metadata.Key.of("x-tag", Metadata.ASCII_STRING_MARSHALLER);
    for (Metadata.Key<byte[]> written :
        List.of(HeaderBytes.key("x-tag"), HeaderBytes.byText("x-tag"))) {
      Metadata headers = new Metadata();
      headers.put(written, bytes("canary"));
      assertThat(headers.get(text)).isEqualTo("canary");
      assertThat(HeaderBytes.only(headers, HeaderBytes.key("X-Tag"))).isEqualTo(bytes("canary"));
      assertThat(HeaderBytes.only(headers, HeaderBytes.byText("X-Tag"))).isEqualTo(bytes("canary"));
    }
  }

  @Test
  void aHeaderThatIsMissingOrThereTwiceIsNotReadAsOne() {
    Metadata.Key<byte[]> key = HeaderBytes.key("x-tag");
    Metadata headers = new Metadata();
    assertThat(HeaderBytes.only(headers, key)).isNull();
    headers.put(key, bytes("a"));
    headers.put(key, bytes("a"));
    assertThat(HeaderBytes.only(headers, key)).isNull();
  }

  @Test
  void whatIsNoNameOfATextHeaderIsRefused() {
    for (String name : List.of("", "a b", "x-bin")) {
      assertThatThrownBy(() -> HeaderBytes.key(name)).as(name).isInstanceOf(RuntimeException.class);
    }
  }
}
