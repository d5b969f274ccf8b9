package io.streamgauge.spi;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import io.streamgauge.testkit.fixture.UnitTest;
import org.junit.jupiter.api.Test;

@UnitTest
class MessageMarkTest {

  @Test
  void theContextOfAMessageNamesItsCallAndNothingElseDoes() {
    Span call = Span.getInvalid();
    Context message = MessageMark.mark(Context.root(), call);

    assertThat(MessageMark.callOf(message)).isSameAs(call);
    assertThat(MessageMark.callOf(Context.root().with(call))).isNull();
    assertThat(Span.fromContextOrNull(message)).as("the current span is left alone").isNull();
  }
}
