package io.streamgauge.console;

import com.google.gson.stream.JsonWriter;
import com.sun.net.httpserver.HttpExchange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;

/** Writes whole answers: status, type, length, body. */
public final class ConsoleReply {

  /** Writes one JSON document. */
  public interface JsonBody {
    void write(JsonWriter json) throws IOException;
  }

  private ConsoleReply() {}

  public static void text(HttpExchange exchange, int status, String body) throws IOException {
    bytes(exchange, status, "text/plain; charset=utf-8", body.getBytes(StandardCharsets.UTF_8));
  }

  public static void json(HttpExchange exchange, int status, JsonBody body) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (Writer writer = new OutputStreamWriter(bytes, StandardCharsets.UTF_8);
        JsonWriter json = new JsonWriter(writer)) {
      // A label may hold markup; escaping it keeps the answer harmless even if shown as a page.
      json.setHtmlSafe(true);
      json.setSerializeNulls(false);
      body.write(json);
    }
    bytes(exchange, status, "application/json; charset=utf-8", bytes.toByteArray());
  }

  public static void bytes(HttpExchange exchange, int status, String type, byte[] body)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(status, head || body.length == 0 ? -1 : body.length);
    if (!head && body.length > 0) {
      try (OutputStream out = exchange.getResponseBody()) {
        out.write(body);
      }
    }
  }
}
