package io.streamgauge.console.http;

import com.google.gson.stream.JsonWriter;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;

/** Writes whole answers: status, type, length, body. */
public final class ConsoleReply {

  /** Read and thrown away at most, before a refusal; twice the largest body there is. */
  private static final long MAX_DISCARDED = 32L * 1024 * 1024;

  /** Writes one JSON document. */
  public interface JsonBody {
    void write(JsonWriter json) throws IOException;
  }

  /** Writes a body of any kind. */
  public interface Body {
    void write(OutputStream out) throws IOException;
  }

  private ConsoleReply() {}

  public static void text(HttpExchange exchange, int status, String body) throws IOException {
    bytes(exchange, status, "text/plain; charset=utf-8", body.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Answers a request whose body was not read to its end. What is left is thrown away first: a
   * sender that is cut off while it writes would see a broken connection instead of the answer.
   */
  public static void refuse(HttpExchange exchange, int status, String line) throws IOException {
    InputStream in = exchange.getRequestBody();
    byte[] buffer = new byte[8192];
    long left = MAX_DISCARDED;
    for (int n = in.read(buffer); n >= 0 && left > 0; n = in.read(buffer)) {
      left -= n;
    }
    text(exchange, status, line + "\n");
  }

  public static void json(HttpExchange exchange, int status, JsonBody body) throws IOException {
    body(
        exchange,
        status,
        "application/json; charset=utf-8",
        out -> {
          Writer writer = new OutputStreamWriter(out, StandardCharsets.UTF_8);
          JsonWriter json = new JsonWriter(writer);
          // A label may hold markup; escaping it keeps the answer harmless even if shown as a page.
          json.setHtmlSafe(true);
          json.setSerializeNulls(false);
          body.write(json);
          json.flush();
        });
  }

  /**
   * Writes a body as it is made: a small one with its length, a large one in chunks. If it throws
   * after its first 32 KiB, the connection is closed in the middle of it.
   */
  public static void body(HttpExchange exchange, int status, String type, Body body)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    ConsoleBody out = new ConsoleBody(exchange, status);
    body.write(out);
    out.end();
  }

  /** Answers with a file of the class path, and with 404 if there is none. */
  public static void file(HttpExchange exchange, String type, Class<?> from, String name)
      throws IOException {
    try (InputStream in = from.getClassLoader().getResourceAsStream(name)) {
      if (in == null) {
        text(exchange, 404, "no such path\n");
        return;
      }
      body(
          exchange,
          200,
          type,
          out -> {
            byte[] buffer = new byte[8192];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
              out.write(buffer, 0, n);
            }
          });
    }
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
