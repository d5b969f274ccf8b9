package io.streamgauge.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StreamPageTest {

  @Test
  void aFilterTakesRowsFromThePageAndNothingFromItsTotals() throws Exception {
    try (WatchedCall call = new WatchedCall()) {
      Map<String, Object> all = StreamPage.of(call.gauge, stream -> true);
      Map<String, Object> none = StreamPage.of(call.gauge, stream -> false);

      assertThat((List<?>) all.get("streams")).hasSize(1);
      assertThat((List<?>) none.get("streams")).isEmpty();
      assertThat(all).containsEntry("open", 1).containsEntry("matching", 1);
      assertThat(none).containsEntry("open", 1).containsEntry("matching", 0);
      assertThat((Map<?, ?>) none.get("totals")).extracting("open").isEqualTo(1L);
    }
  }
}
