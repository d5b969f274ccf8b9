package io.streamgauge.javaagent.hooks;

import java.util.Map;

/** The open streams of one gauge, in types of the JDK: they cross class loaders. */
public interface AgentStreamsMBean {

  /** {@code open}, {@code shown} and {@code streams}, as {@code /api/streams} shows them. */
  Map<String, Object> getStreams();
}
