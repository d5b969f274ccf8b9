package io.streamgauge.contract;

import io.streamgauge.testkit.contract.ContextContract;
import io.streamgauge.testkit.contract.CountContract;
import io.streamgauge.testkit.contract.DepthContract;
import io.streamgauge.testkit.contract.GrayContract;
import io.streamgauge.testkit.contract.ProgramContract;
import io.streamgauge.testkit.contract.RetryContract;
import io.streamgauge.testkit.contract.TraceContract;
import io.streamgauge.testkit.fixture.TestTransport;
import org.junit.jupiter.api.Nested;

/**
 * The library answers to the contract, over sockets and in process. The parts that take longest are
 * in {@link LibraryStallContractTest}, so that two JVMs share the work.
 */
class LibraryContractTest {

  @Nested
  class CountOverNettyShaded extends CountContract {
    CountOverNettyShaded() {
      super(LibrarySubject::new, TestTransport.NETTY_SHADED);
    }
  }

  @Nested
  class CountInProcess extends CountContract {
    CountInProcess() {
      super(LibrarySubject::new, TestTransport.IN_PROCESS);
    }
  }

  @Nested
  class DepthOverNettyShaded extends DepthContract {
    DepthOverNettyShaded() {
      super(LibrarySubject::new, TestTransport.NETTY_SHADED);
    }
  }

  @Nested
  class DepthInProcess extends DepthContract {
    DepthInProcess() {
      super(LibrarySubject::new, TestTransport.IN_PROCESS);
    }
  }

  @Nested
  class TraceOverNettyShaded extends TraceContract {
    TraceOverNettyShaded() {
      super(LibrarySubject::new, TestTransport.NETTY_SHADED);
    }
  }

  @Nested
  class TraceInProcess extends TraceContract {
    TraceInProcess() {
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
  class ContextInProcess extends ContextContract {
    ContextInProcess() {
      super(LibrarySubject::new, TestTransport.IN_PROCESS);
    }
  }

  @Nested
  class GrayOverNettyShaded extends GrayContract {
    GrayOverNettyShaded() {
      super(LibrarySubject::new, TestTransport.NETTY_SHADED);
    }
  }

  @Nested
  class RetryOverNettyShaded extends RetryContract {
    RetryOverNettyShaded() {
      super(LibrarySubject::new, TestTransport.NETTY_SHADED);
    }
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
}
