package io.streamgauge.console;

import com.sun.net.httpserver.HttpExchange;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;

/** {@code /metrics}: what the registry holds, in the format the scraper accepts. */
final class ConsoleMetrics implements ConsoleServer.Handler {

  private final CollectorRegistry registry;

  ConsoleMetrics(CollectorRegistry registry) {
    this.registry = registry;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    String type = TextFormat.chooseContentType(exchange.getRequestHeaders().getFirst("Accept"));
    StringWriter text = new StringWriter();
    TextFormat.writeFormat(type, text, registry.metricFamilySamples());
    ConsoleReply.bytes(exchange, 200, type, text.toString().getBytes(StandardCharsets.UTF_8));
  }
}
