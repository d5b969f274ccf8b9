package io.streamgauge.javaagent;

import io.streamgauge.testkit.contract.BytesContract;
import io.streamgauge.testkit.contract.ContextContract;
import io.streamgauge.testkit.contract.CountContract;
import io.streamgauge.testkit.contract.ProgramContract;
import io.streamgauge.testkit.contract.StallContract;
import io.streamgauge.testkit.contract.TraceContract;
import io.streamgauge.testkit.fixture.TestTransport;
import org.junit.jupiter.api.Nested;

/** A part of the contract for the lean profile; run by {@link AgentContractIT}. */
class AgentLeanSuite {

  @Nested
  class BytesOverNetty extends BytesContract {
    BytesOverNetty() {
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
  class CountOverNetty extends CountContract {
    CountOverNetty() {
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
  class ProgramOverNetty extends ProgramContract {
    ProgramOverNetty() {
      super(AgentSubject::new, TestTransport.NETTY);
    }
  }

  @Nested
  class StallOverNetty extends StallContract {
    StallOverNetty() {
      super(AgentSubject::new, TestTransport.NETTY);
    }
  }
}
