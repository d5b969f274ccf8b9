package io.streamgauge.internal.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Metadata;
import io.streamgauge.testkit.fixture.UnitTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How large headers are, as HTTP/2 counts them (RFC 9113, 6.5.2): 32 bytes and name and value. */
@UnitTest
class HeaderSizeTest {

  private final Metadata headers = new Metadata();

  private static Metadata.Key<String> text(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  private static Metadata.Key<byte[]> binary(String name) {
    return Metadata.Key.of(name, Metadata.BINARY_BYTE_MARSHALLER);
  }

  @Test
  void noHeadersHaveNoSize() {
    assertThat(HeaderSize.size(headers)).isZero();
  }

  @Test
  void eachEntryCountsItsNameItsValueAndThirtyTwoBytes() {
    headers.put(text("abc"), "12345");
    assertThat(HeaderSize.size(headers)).isEqualTo(32 + 3 + 5);
    headers.put(text("abc"), "");

    assertThat(HeaderSize.size(headers)).as("said twice").isEqualTo(2 * (32 + 3) + 5);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 100})
  void binaryValuesGoAsBase64(int bytes) {
    headers.put(binary("x-bin"), new byte[bytes]);

    assertThat(HeaderSize.size(headers)).isEqualTo(32 + 5 + (bytes + 2) / 3 * 4);
  }

  /** More names than are remembered. */
  @Test
  void manyNamesAreCountedAsWell() {
    for (int i = 0; i < 1_000; i++) {
      headers.put(text(String.format("key-%04d", i)), "v");
    }

    assertThat(HeaderSize.size(headers)).isEqualTo(1_000 * (32 + 8 + 1));
  }

  @Test
  void oursFitBetweenTheLimitAndGrpcs() {
    assertThat(HeaderSize.LIMIT + 256).isLessThan(8_192);
  }
}
