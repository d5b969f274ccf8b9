package io.streamgauge.console.http;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpPrincipal;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;

/** The JDK's exchange, with each wait for the peer told to the {@link ConsoleWork}. */
final class ConsoleExchange extends HttpExchange {

  private final HttpExchange exchange;
  private final ConsoleWork work;
  private final InputStream request = new Request();
  private final OutputStream response = new Response();
  private boolean endless;

  ConsoleExchange(HttpExchange exchange, ConsoleWork work) {
    this.exchange = exchange;
    this.work = work;
  }

  /** Its answer has no end; its request has. */
  void endless() {
    endless = true;
  }

  private interface Wait<T> {
    T run() throws IOException;
  }

  private <T> T waiting(Wait<T> wait) throws IOException {
    work.waits();
    try {
      return wait.run();
    } finally {
      work.goesOn();
    }
  }

  private final class Request extends InputStream {

    @Override
    public int read() throws IOException {
      return waiting(exchange.getRequestBody()::read);
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      return waiting(() -> exchange.getRequestBody().read(bytes, offset, length));
    }

    @Override
    public int available() throws IOException {
      return exchange.getRequestBody().available();
    }

    /** Reads a part of what is left. */
    @Override
    public void close() throws IOException {
      waiting(
          () -> {
            exchange.getRequestBody().close();
            return null;
          });
    }
  }

  private final class Response extends OutputStream {

    @Override
    public void write(int one) throws IOException {
      write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      waiting(
          () -> {
            exchange.getResponseBody().write(bytes, offset, length);
            return null;
          });
    }

    @Override
    public void flush() throws IOException {
      waiting(
          () -> {
            exchange.getResponseBody().flush();
            return null;
          });
    }

    @Override
    public void close() throws IOException {
      waiting(
          () -> {
            exchange.getResponseBody().close();
            return null;
          });
    }
  }

  @Override
  public InputStream getRequestBody() {
    return request;
  }

  @Override
  public OutputStream getResponseBody() {
    return response;
  }

  @Override
  public void sendResponseHeaders(int status, long length) throws IOException {
    waiting(
        () -> {
          exchange.sendResponseHeaders(status, length);
          return null;
        });
    if (endless) {
      work.endless();
    }
  }

  /** Reads a part of what is left of the request, and ends the answer. */
  @Override
  public void close() {
    try {
      waiting(
          () -> {
            exchange.close();
            return null;
          });
    } catch (IOException e) {
      // It was cut before; then there is nothing to read, and this waits for nothing.
      exchange.close();
    }
  }

  @Override
  public Headers getRequestHeaders() {
    return exchange.getRequestHeaders();
  }

  @Override
  public Headers getResponseHeaders() {
    return exchange.getResponseHeaders();
  }

  @Override
  public URI getRequestURI() {
    return exchange.getRequestURI();
  }

  @Override
  public String getRequestMethod() {
    return exchange.getRequestMethod();
  }

  @Override
  public HttpContext getHttpContext() {
    return exchange.getHttpContext();
  }

  @Override
  public InetSocketAddress getRemoteAddress() {
    return exchange.getRemoteAddress();
  }

  @Override
  public InetSocketAddress getLocalAddress() {
    return exchange.getLocalAddress();
  }

  @Override
  public int getResponseCode() {
    return exchange.getResponseCode();
  }

  @Override
  public String getProtocol() {
    return exchange.getProtocol();
  }

  @Override
  public Object getAttribute(String name) {
    return exchange.getAttribute(name);
  }

  @Override
  public void setAttribute(String name, Object value) {
    exchange.setAttribute(name, value);
  }

  @Override
  public void setStreams(InputStream in, OutputStream out) {
    exchange.setStreams(in, out);
  }

  @Override
  public HttpPrincipal getPrincipal() {
    return exchange.getPrincipal();
  }
}
