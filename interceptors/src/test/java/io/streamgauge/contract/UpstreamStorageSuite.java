package io.streamgauge.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.testkit.contract.ContextContract;
import io.streamgauge.testkit.contract.ProgramContract;
import io.streamgauge.testkit.contract.TraceContract;
import io.streamgauge.testkit.fixture.TestTransport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;

/**
 * The library beside upstream's storage of gRPC's context, which keeps gRPC's context inside
 * OpenTelemetry's. Upstream's interceptor library brings it; an execution of the profile {@code
 * compat} has it on its class path.
 */
class UpstreamStorageSuite {

  @BeforeAll
  static void upstreamsStorageIsThere() throws ClassNotFoundException {
    assertThat(Class.forName("io.grpc.override.ContextStorageOverride")).isNotNull();
  }

  @Nested
  class ProgramOverNettyShaded extends ProgramContract {
    ProgramOverNettyShaded() {
      super(LibrarySubject::new, TestTransport.NETTY_SHADED);
    }
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
}
