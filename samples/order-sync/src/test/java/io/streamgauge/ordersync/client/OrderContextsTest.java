package io.streamgauge.ordersync.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.streamgauge.gray.GrayTag;
import io.streamgauge.gray.GrayTags;
import io.streamgauge.ordersync.domain.OrderStatus;
import io.streamgauge.ordersync.domain.OrderUpdate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OrderContextsTest {

  private static final int ORDERS = 400;

  private static List<Context> begun(double grayShare) {
    try (SdkTracerProvider sdk = SdkTracerProvider.builder().build()) {
      OrderContexts contexts = new OrderContexts(sdk.get("test"), grayShare);
      List<Context> begun = new ArrayList<>();
      for (int i = 0; i < ORDERS; i++) {
        begun.add(
            contexts.sending(new OrderUpdate("client", i, "order-" + i, 1, OrderStatus.CREATED)));
      }
      return begun;
    }
  }

  private static boolean isSampled(Context context) {
    return Span.fromContext(context).getSpanContext().isSampled();
  }

  private static boolean isGray(Context context) {
    return GrayTags.in(context).filter(GrayTag.of("gray")::equals).isPresent();
  }

  /** A share of a quarter once left no gray order among every tenth of all. */
  @ParameterizedTest
  @ValueSource(doubles = {0.1, 0.2, 0.25, 0.5})
  void oneOrderInTenOfEachLaneIsSampled(double grayShare) {
    List<Context> begun = begun(grayShare);
    int gray = (int) (ORDERS * grayShare);
    assertThat(begun.stream().filter(OrderContextsTest::isGray)).hasSize(gray);
    assertThat(
            begun.stream().filter(OrderContextsTest::isGray).filter(OrderContextsTest::isSampled))
        .hasSize(gray / 10);
    assertThat(begun.stream().filter(OrderContextsTest::isSampled)).hasSize(ORDERS / 10);
  }

  @Test
  void everyOrderHasIds() {
    assertThat(begun(0))
        .allMatch(context -> Span.fromContext(context).getSpanContext().isValid())
        .noneMatch(OrderContextsTest::isGray);
  }
}
