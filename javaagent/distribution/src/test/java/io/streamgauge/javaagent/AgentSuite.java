package io.streamgauge.javaagent;

import io.streamgauge.testkit.contract.BytesContract;
import io.streamgauge.testkit.contract.ContextContract;
import io.streamgauge.testkit.contract.CountContract;
import io.streamgauge.testkit.contract.DepthContract;
import io.streamgauge.testkit.contract.GrayContract;
import io.streamgauge.testkit.contract.MessageContract;
import io.streamgauge.testkit.contract.ProgramContract;
import io.streamgauge.testkit.contract.RetryContract;
import io.streamgauge.testkit.contract.StallContract;
import io.streamgauge.testkit.contract.TraceContract;
import io.streamgauge.testkit.fixture.TestTransport;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/**
 * The whole contract under the agent; run by {@link AgentContractIT} in a JVM that has it. A trace
 * does not depend on the transport: two of them are enough for a plain build.
 */
class AgentSuite {

  @Nested
  class CountOverNetty extends CountContract {
    CountOverNetty() {
      super(AgentSubject::new, TestTransport.NETTY);
    }
  }

  @Nested
  class DepthOverNetty extends DepthContract {
    DepthOverNetty() {
      super(AgentSubject::new, TestTransport.NETTY);
    }
  }

  @Nested
  class TraceOverNetty extends TraceContract {
    TraceOverNetty() {
      super(AgentSubject::new, TestTransport.NETTY);
    }
  }

  @Nested
  class BytesOverNetty extends BytesContract {
    BytesOverNetty() {
      super(AgentSubject::new, TestTransport.NETTY);
    }
  }

  @Nested
  class RetryOverNetty extends RetryContract {
    RetryOverNetty() {
      super(AgentSubject::new, TestTransport.NETTY);
    }
  }

  @Nested
  class CountOverNettyShaded extends CountContract {
    CountOverNettyShaded() {
      super(AgentSubject::new, TestTransport.NETTY_SHADED);
    }
  }

  @Nested
  class DepthOverNettyShaded extends DepthContract {
    DepthOverNettyShaded() {
      super(AgentSubject::new, TestTransport.NETTY_SHADED);
    }
  }

  @Nested
  @Tag("full")
  class TraceOverNettyShaded extends TraceContract {
    TraceOverNettyShaded() {
      super(AgentSubject::new, TestTransport.NETTY_SHADED);
    }
  }

  @Nested
  class BytesOverNettyShaded extends BytesContract {
    BytesOverNettyShaded() {
      super(AgentSubject::new, TestTransport.NETTY_SHADED);
    }
  }

  @Nested
  class RetryOverNettyShaded extends RetryContract {
    RetryOverNettyShaded() {
      super(AgentSubject::new, TestTransport.NETTY_SHADED);
    }
  }

  @Nested
  class CountOverOkHttp extends CountContract {
    CountOverOkHttp() {
      super(AgentSubject::new, TestTransport.OKHTTP);
    }
  }

  @Nested
  class DepthOverOkHttp extends DepthContract {
    DepthOverOkHttp() {
      super(AgentSubject::new, TestTransport.OKHTTP);
    }
  }

  @Nested
  @Tag("full")
  class TraceOverOkHttp extends TraceContract {
    TraceOverOkHttp() {
      super(AgentSubject::new, TestTransport.OKHTTP);
    }
  }

  @Nested
  class BytesOverOkHttp extends BytesContract {
    BytesOverOkHttp() {
      super(AgentSubject::new, TestTransport.OKHTTP);
    }
  }

  @Nested
  class RetryOverOkHttp extends RetryContract {
    RetryOverOkHttp() {
      super(AgentSubject::new, TestTransport.OKHTTP);
    }
  }

  @Nested
  class StallOverNetty extends StallContract {
    StallOverNetty() {
      super(AgentSubject::new, TestTransport.NETTY);
    }
  }

  @Nested
  class ContextOverNetty extends ContextContract {
    ContextOverNetty() {
      super(AgentSubject::new, TestTransport.NETTY);
    }
  }

  @Nested
  class GrayOverNetty extends GrayContract {
    GrayOverNetty() {
      super(AgentSubject::new, TestTransport.NETTY);
    }
  }

  @Nested
  class MessageOverNetty extends MessageContract {
    MessageOverNetty() {
      super(AgentSubject::new, TestTransport.NETTY);
    }
  }

  @Nested
  class CountInProcess extends CountContract {
    CountInProcess() {
      super(AgentSubject::new, TestTransport.IN_PROCESS);
    }
  }

  @Nested
  class DepthInProcess extends DepthContract {
    DepthInProcess() {
      super(AgentSubject::new, TestTransport.IN_PROCESS);
    }
  }

  @Nested
  class TraceInProcess extends TraceContract {
    TraceInProcess() {
      super(AgentSubject::new, TestTransport.IN_PROCESS);
    }
  }

  @Nested
  class ProgramOverNetty extends ProgramContract {
    ProgramOverNetty() {
      super(AgentSubject::new, TestTransport.NETTY);
    }
  }

  @Nested
  class ProgramInProcess extends ProgramContract {
    ProgramInProcess() {
      super(AgentSubject::new, TestTransport.IN_PROCESS);
    }
  }
}
