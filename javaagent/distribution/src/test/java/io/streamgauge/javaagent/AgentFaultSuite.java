package io.streamgauge.javaagent;

import io.streamgauge.testkit.contract.FaultContract;
import io.streamgauge.testkit.fixture.TestTransport;
import java.util.List;
import org.junit.jupiter.api.Nested;

/** Faults in the agent's own copy of the library; run by {@link AgentContractIT}. */
class AgentFaultSuite {

  @Nested
  class Faults extends FaultContract {
    Faults() {
      super(AgentSubject::new, List.of(TestTransport.NETTY_SHADED));
    }

    @Override
    protected boolean isOurs(Class<?> loaded) {
      return loaded.getName().startsWith("io.streamgauge.javaagent.lib.");
    }

    /** Hooks tell the bytes of each call, which makes it a long one. */
    @Override
    protected boolean hasQuickCalls() {
      return false;
    }

    /** The lines are the agent's own; {@link AgentContractIT} counts them. */
    @Override
    protected void assertLoggedOnce() {}
  }
}
