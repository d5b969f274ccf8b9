package io.streamgauge.console;

import com.sun.net.httpserver.HttpExchange;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import io.streamgauge.console.http.ConsoleReply;
import io.streamgauge.console.http.ConsoleServer;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
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
    ConsoleReply.body(
        exchange,
        200,
        type,
        out -> {
          Writer text = new OutputStreamWriter(out, StandardCharsets.UTF_8);
          TextFormat.writeFormat(type, text, registry.metricFamilySamples());
          text.flush();
        });
  }
}
