package io.streamgauge.internal.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import com.google.protobuf.Struct;
import com.google.rpc.ErrorInfo;
import io.streamgauge.MessageCarrier;
import io.streamgauge.testkit.fixture.UnitTest;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which messages have a field that can carry. */
@UnitTest
class MapFieldTest {

  @Test
  void writesBesideWhatIsThereAndReadsBack() {
    MessageCarrier<Object> field = MapField.of(ErrorInfo.class, "metadata");
    ErrorInfo message =
        ErrorInfo.newBuilder()
            .setReason("r")
            .putMetadata("kept", "yes")
            .putMetadata("traceparent", "stale")
            .build();

    ErrorInfo written = (ErrorInfo) field.write(message, Map.of("traceparent", "fresh"));

    assertThat(written.getReason()).isEqualTo("r");
    assertThat(written.getMetadataMap())
        .containsOnly(entry("kept", "yes"), entry("traceparent", "fresh"));
    assertThat(field.read(written)).isEqualTo(written.getMetadataMap());
    assertThat(field.read(ErrorInfo.getDefaultInstance())).isEmpty();
  }

  @Test
  void removesWhatIsNamedAndNothingElse() {
    MessageCarrier<Object> field = MapField.of(ErrorInfo.class, "metadata");
    ErrorInfo message =
        ErrorInfo.newBuilder().putMetadata("kept", "yes").putMetadata("x-env-tag", "blue").build();

    ErrorInfo left = (ErrorInfo) field.remove(message, List.of("x-env-tag", "baggage"));

    assertThat(left.getMetadataMap()).containsOnly(entry("kept", "yes"));
    assertThat(field.remove(left, List.of("x-env-tag"))).isSameAs(left);
  }

  @Test
  void onlyAMapOfTextCarries() {
    assertThat(MapField.of(Struct.class, "fields")).as("a map of something else").isNull();
    assertThat(MapField.of(Struct.class, "gone")).as("no such field").isNull();
    assertThat(MapField.of(String.class, "fields")).as("no protobuf").isNull();
  }
}
