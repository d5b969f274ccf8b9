package io.streamgauge.ordersync.demo;

import java.nio.file.Path;
import java.util.List;

/** What a process is started with to be observed by the agent alone. */
final class DemoAgent {

  private DemoAgent() {}

  /** The same as the sample's own telemetry does in code. */
  static List<String> options(Path agentJar, String service, int prometheus, String otlp) {
    return List.of(
        "-javaagent:" + agentJar,
        "-Dstreamgauge.profile=lean",
        "-Dstreamgauge.message-field=metadata",
        "-Dstreamgauge.gray.allow=gray",
        "-Dotel.javaagent.logging=none",
        "-Dotel.service.name=" + service,
        "-Dotel.metrics.exporter=prometheus",
        "-Dotel.exporter.prometheus.host=127.0.0.1",
        "-Dotel.exporter.prometheus.port=" + prometheus,
        "-Dotel.logs.exporter=none",
        "-Dotel.traces.exporter=otlp",
        "-Dotel.exporter.otlp.protocol=http/protobuf",
        "-Dotel.exporter.otlp.endpoint=" + otlp,
        "-Dotel.bsp.max.queue.size=65536",
        "-Dotel.bsp.max.export.batch.size=2048",
        "-Dotel.bsp.schedule.delay=500");
  }
}
