package io.streamgauge.trace;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Struct;
import org.junit.jupiter.api.Test;

/** Which messages have a field that can carry; the sample's own message is tested in the sample. */
class TraceFieldTest {

  @Test
  void onlyAMapOfTextCarries() {
    assertThat(TraceField.of(Struct.class, "fields")).as("a map of something else").isNull();
    assertThat(TraceField.of(Struct.class, "gone")).as("no such field").isNull();
    assertThat(TraceField.of(String.class, "fields")).as("no protobuf").isNull();
  }
}
