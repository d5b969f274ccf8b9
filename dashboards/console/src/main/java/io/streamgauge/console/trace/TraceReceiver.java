package io.streamgauge.console.trace;

import com.google.protobuf.InvalidProtocolBufferException;
import com.sun.net.httpserver.HttpExchange;
import io.opentelemetry.proto.collector.trace.v1.ExportTracePartialSuccess;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.streamgauge.console.http.ConsoleReply;
import io.streamgauge.console.http.ConsoleServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.zip.GZIPInputStream;
import zipkin2.Span;

/** {@code POST /v1/traces}: OTLP over HTTP, binary protobuf, plain or gzip. */
public final class TraceReceiver implements ConsoleServer.Handler {

  /** Largest body, after decompression. */
  public static final int MAX_BODY = 16 * 1024 * 1024;

  static final String PROTOBUF = "application/x-protobuf";

  private final TraceStore store;

  /** Null for nowhere. */
  private final TraceForward forward;

  /**
   * Makes it.
   *
   * @param forward gets what was received as well; null for nobody
   */
  public TraceReceiver(TraceStore store, TraceForward forward) {
    this.store = store;
    this.forward = forward;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    String type = exchange.getRequestHeaders().getFirst("Content-Type");
    if (type == null || !type.startsWith(PROTOBUF)) {
      ConsoleReply.text(exchange, 415, "only " + PROTOBUF + " is received here\n");
      return;
    }
    byte[] body;
    try {
      body = read(exchange);
    } catch (IOException e) {
      ConsoleReply.text(exchange, 400, "the body cannot be read: " + e.getMessage() + "\n");
      return;
    }
    if (body == null) {
      ConsoleReply.text(exchange, 413, "the body is larger than " + MAX_BODY + " bytes\n");
      return;
    }
    ExportTraceServiceRequest request;
    try {
      request = ExportTraceServiceRequest.parseFrom(body);
    } catch (InvalidProtocolBufferException e) {
      ConsoleReply.text(exchange, 400, "not an OTLP trace request: " + e.getMessage() + "\n");
      return;
    }
    List<Span> spans = TraceConvert.spans(request);
    int rejected = TraceConvert.count(request) - spans.size();
    if (spans.isEmpty() && rejected > 0) {
      ConsoleReply.text(exchange, 400, "no span has valid ids\n");
      return;
    }
    store.accept(spans);
    if (forward != null) {
      forward.accept(body);
    }
    ConsoleReply.bytes(exchange, 200, PROTOBUF, response(rejected).toByteArray());
  }

  private static ExportTraceServiceResponse response(int rejected) {
    ExportTraceServiceResponse.Builder response = ExportTraceServiceResponse.newBuilder();
    if (rejected > 0) {
      response.setPartialSuccess(
          ExportTracePartialSuccess.newBuilder()
              .setRejectedSpans(rejected)
              .setErrorMessage("trace or span id is not valid"));
    }
    return response.build();
  }

  /** Null when the body is too large. */
  private static byte[] read(HttpExchange exchange) throws IOException {
    boolean gzip =
        "gzip".equalsIgnoreCase(exchange.getRequestHeaders().getFirst("Content-Encoding"));
    try (InputStream raw = exchange.getRequestBody();
        InputStream in = gzip ? new GZIPInputStream(raw) : raw) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      byte[] buffer = new byte[8192];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        out.write(buffer, 0, n);
        if (out.size() > MAX_BODY) {
          discard(raw);
          return null;
        }
      }
      return out.toByteArray();
    }
  }

  /** A sender that is cut off while it writes would see a broken connection instead of the 413. */
  private static void discard(InputStream in) throws IOException {
    byte[] buffer = new byte[8192];
    long left = MAX_BODY;
    for (int n = in.read(buffer); n >= 0 && left > 0; n = in.read(buffer)) {
      left -= n;
    }
  }
}
