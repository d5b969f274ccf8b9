package io.streamgauge.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.opentelemetry.context.ContextStorage;
import io.streamgauge.testkit.contract.ContextContract;
import io.streamgauge.testkit.contract.GrayContract;
import io.streamgauge.testkit.contract.ProgramContract;
import io.streamgauge.testkit.contract.TraceContract;
import io.streamgauge.testkit.fixture.TestTransport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;

/**
 * The library where upstream's instrumentation API is not, and OpenTelemetry's own storage of
 * contexts is, as in most applications: then each call has a context of our own class. An execution
 * of its own leaves that API out of the class path and asks for that storage.
 */
class WithoutUpstreamSuite {

  @BeforeAll
  static void upstreamsApiIsNotThere() {
    assertThatThrownBy(() -> Class.forName("io.opentelemetry.instrumentation.api.internal.SpanKey"))
        .isInstanceOf(ClassNotFoundException.class);
    assertThat(ContextStorage.get().getClass().getSimpleName())
        .isEqualTo("ThreadLocalContextStorage");
  }

  @Nested
  class ProgramInProcess extends ProgramContract {
    ProgramInProcess() {
      super(LibrarySubject::new, TestTransport.IN_PROCESS);
    }
  }

  @Nested
  class ContextOverNettyShaded extends ContextContract {
    ContextOverNettyShaded() {
      super(LibrarySubject::new, TestTransport.NETTY_SHADED);
    }
  }

  @Nested
  class TraceOverNettyShaded extends TraceContract {
    TraceOverNettyShaded() {
      super(LibrarySubject::new, TestTransport.NETTY_SHADED);
    }
  }

  @Nested
  class GrayInProcess extends GrayContract {
    GrayInProcess() {
      super(LibrarySubject::new, TestTransport.IN_PROCESS);
    }
  }
}
