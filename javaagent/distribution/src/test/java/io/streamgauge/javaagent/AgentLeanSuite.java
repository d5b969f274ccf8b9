package io.streamgauge.javaagent;

import io.streamgauge.testkit.BytesContract;
import io.streamgauge.testkit.ContextContract;
import io.streamgauge.testkit.CountContract;
import io.streamgauge.testkit.TestTransport;
import io.streamgauge.testkit.TraceContract;
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
}
