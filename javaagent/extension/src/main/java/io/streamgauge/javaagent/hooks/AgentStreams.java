package io.streamgauge.javaagent.hooks;

import io.streamgauge.Streamgauge;
import io.streamgauge.spi.StreamPage;
import java.lang.management.ManagementFactory;
import java.util.Map;
import javax.management.JMException;
import javax.management.ObjectName;

/** {@link AgentStreamsMBean} of a gauge; there is one only where a console was asked for. */
public final class AgentStreams implements AgentStreamsMBean {

  private final Streamgauge gauge;

  private AgentStreams(Streamgauge gauge) {
    this.gauge = gauge;
  }

  static void register(Streamgauge gauge) throws JMException {
    String id = Integer.toHexString(System.identityHashCode(gauge));
    ManagementFactory.getPlatformMBeanServer()
        .registerMBean(
            new AgentStreams(gauge), new ObjectName("io.streamgauge:type=Streams,id=" + id));
  }

  @Override
  public Map<String, Object> getStreams() {
    return StreamPage.of(gauge, stream -> true);
  }
}
