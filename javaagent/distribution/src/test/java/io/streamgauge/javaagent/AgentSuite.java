package io.streamgauge.javaagent;

import io.streamgauge.testkit.CountContract;
import io.streamgauge.testkit.DepthContract;
import io.streamgauge.testkit.StreamSubject;
import io.streamgauge.testkit.TestTransport;
import io.streamgauge.testkit.TraceContract;
import org.junit.jupiter.api.Nested;

/** The whole contract under the agent; run by {@link AgentContractIT} in a JVM that has it. */
class AgentSuite {

  @Nested
  class CountOverNetty extends CountContract {
    @Override
    protected StreamSubject newSubject() {
      return new AgentSubject();
    }

    @Override
    protected TestTransport transport() {
      return TestTransport.NETTY;
    }
  }

  @Nested
  class CountInProcess extends CountContract {
    @Override
    protected StreamSubject newSubject() {
      return new AgentSubject();
    }

    @Override
    protected TestTransport transport() {
      return TestTransport.IN_PROCESS;
    }
  }

  @Nested
  class DepthOverNetty extends DepthContract {
    @Override
    protected StreamSubject newSubject() {
      return new AgentSubject();
    }

    @Override
    protected TestTransport transport() {
      return TestTransport.NETTY;
    }
  }

  @Nested
  class DepthInProcess extends DepthContract {
    @Override
    protected StreamSubject newSubject() {
      return new AgentSubject();
    }

    @Override
    protected TestTransport transport() {
      return TestTransport.IN_PROCESS;
    }
  }

  @Nested
  class TraceOverNetty extends TraceContract {
    @Override
    protected StreamSubject newSubject() {
      return new AgentSubject();
    }

    @Override
    protected TestTransport transport() {
      return TestTransport.NETTY;
    }
  }
}
