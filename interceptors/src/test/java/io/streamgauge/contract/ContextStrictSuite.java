package io.streamgauge.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.context.ContextStorage;
import io.streamgauge.testkit.contract.ContextContract;
import io.streamgauge.testkit.fixture.TestTransport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Nested;

/** Run by {@link ContextStrictIT}. */
class ContextStrictSuite {

  /** In strict mode the storage can be closed, and fails if a scope is still open. */
  @AfterAll
  static void nothingIsOpen() throws Exception {
    assertThat(ContextStorage.get()).isInstanceOf(AutoCloseable.class);
    ((AutoCloseable) ContextStorage.get()).close();
  }

  @Nested
  class OverNettyShaded extends ContextContract {
    OverNettyShaded() {
      super(LibrarySubject::new, TestTransport.NETTY_SHADED);
    }
  }

  @Nested
  class InProcess extends ContextContract {
    InProcess() {
      super(LibrarySubject::new, TestTransport.IN_PROCESS);
    }
  }
}
