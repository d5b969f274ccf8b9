package io.streamgauge.console.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JaegerDurationTest {

  @ParameterizedTest
  @CsvSource({
    "20us, 20",
    "20µs, 20",
    "100ms, 100000",
    "1.5s, 1500000",
    "2m, 120000000",
    "1h, 3600000000",
    "0s, 1"
  })
  void eachUnitIsMicroseconds(String text, long micros) {
    assertThat(JaegerDuration.micros(text)).isEqualTo(micros);
  }

  @Test
  void whatIsNoDurationIsNamed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> JaegerDuration.micros("long"))
        .withMessageContaining("long");
  }
}
