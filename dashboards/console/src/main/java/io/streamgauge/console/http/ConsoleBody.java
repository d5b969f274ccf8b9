package io.streamgauge.console.http;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;

/**
 * The body of an answer: whole and with its length while it is small, in chunks as it is made where
 * it is not, so that an answer never takes more memory than a buffer.
 */
final class ConsoleBody extends OutputStream {

  private static final int BUFFER = 32 * 1024;

  private final HttpExchange exchange;
  private final int status;
  private final boolean head;
  private final byte[] buffer = new byte[BUFFER];
  private int used;

  /** Null until the answer has begun. */
  private OutputStream out;

  ConsoleBody(HttpExchange exchange, int status) {
    this.exchange = exchange;
    this.status = status;
    head = exchange.getRequestMethod().equals("HEAD");
  }

  @Override
  public void write(int one) throws IOException {
    if (used == BUFFER) {
      send();
    }
    buffer[used++] = (byte) one;
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    int from = offset;
    int left = length;
    while (left > 0) {
      if (used == BUFFER) {
        send();
      }
      int part = Math.min(left, BUFFER - used);
      System.arraycopy(bytes, from, buffer, used, part);
      used += part;
      from += part;
      left -= part;
    }
  }

  private void send() throws IOException {
    if (!head) {
      if (out == null) {
        exchange.sendResponseHeaders(status, 0);
        out = exchange.getResponseBody();
      }
      out.write(buffer, 0, used);
    }
    used = 0;
  }

  /** The answer is whole. Without this the connection is closed, and the peer sees that. */
  void end() throws IOException {
    if (out != null) {
      send();
      out.close();
    } else {
      exchange.sendResponseHeaders(status, head || used == 0 ? -1 : used);
      if (!head && used > 0) {
        out = exchange.getResponseBody();
        out.write(buffer, 0, used);
        out.close();
      }
    }
  }
}
