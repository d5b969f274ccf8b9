package io.streamgauge.console.trace;

import com.google.protobuf.InvalidProtocolBufferException;
import com.sun.net.httpserver.HttpExchange;
import io.opentelemetry.proto.collector.trace.v1.ExportTracePartialSuccess;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.streamgauge.console.http.ConsoleReply;
import io.streamgauge.console.http.ConsoleServer;
import io.streamgauge.console.http.ConsoleTally;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * {@code POST /v1/traces}: OTLP over HTTP, binary protobuf, plain or gzip. A request above one of
 * {@link TraceLimits} gets 413 and is left out as a whole; one that finds the memory for requests
 * in use gets 503 and may come again.
 */
public final class TraceReceiver implements ConsoleServer.Handler {

  /** Largest body, as sent and after decompression. */
  public static final int MAX_BODY = TraceLimits.MAX_BODY;

  static final String PROTOBUF = "application/x-protobuf";

  /** Texts that were longer than the viewer keeps. */
  private static final String CUT = "texts_cut";

  /** Spans without ids, or of the far future. */
  private static final String SPANS = "spans";

  private final TraceBudget budget = new TraceBudget();
  private final TraceStore store;
  private final ConsoleTally refused;

  /** Null where spans are not forwarded. */
  private final TraceForward forward;

  /**
   * Makes it.
   *
   * @param forward gets what was received as well; null for none
   * @param refused counts what is refused
   */
  public TraceReceiver(TraceStore store, TraceForward forward, ConsoleTally refused) {
    this.store = store;
    this.forward = forward;
    this.refused = refused;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    String type = exchange.getRequestHeaders().getFirst("Content-Type");
    if (type == null || !type.startsWith(PROTOBUF)) {
      ConsoleReply.refuse(exchange, 415, "only " + PROTOBUF + " is received here");
      return;
    }
    TraceDecoder decoded;
    try (TraceBudget.Share share = budget.share()) {
      decoded = receive(exchange, share);
    } catch (TraceRefusal e) {
      refuse(exchange, e);
      return;
    } catch (InvalidProtocolBufferException e) {
      refused.add(ConsoleTally.UNREADABLE, 1);
      ConsoleReply.refuse(exchange, 400, "not an OTLP trace request: " + e.getMessage());
      return;
    } catch (IOException e) {
      refused.add(ConsoleTally.UNREADABLE, 1);
      ConsoleReply.refuse(exchange, 400, "the body cannot be read: " + e.getMessage());
      return;
    }
    int rejected = decoded.withoutIds() + decoded.ahead();
    refused.add(SPANS, rejected);
    refused.add(CUT, decoded.cut());
    if (decoded.spans().isEmpty() && rejected > 0) {
      ConsoleReply.text(exchange, 400, "no span is valid: " + why(decoded) + "\n");
    } else {
      ConsoleReply.bytes(exchange, 200, PROTOBUF, response(decoded, rejected).toByteArray());
    }
  }

  /** Reads the request; what is valid of it is in the store afterwards. */
  private TraceDecoder receive(HttpExchange exchange, TraceBudget.Share share) throws IOException {
    if (length(exchange) > MAX_BODY) {
      throw TraceInput.tooLarge();
    }
    boolean gzip =
        "gzip".equalsIgnoreCase(exchange.getRequestHeaders().getFirst("Content-Encoding"));
    TraceInput sent = new TraceInput(exchange.getRequestBody());
    TraceDecoder decoded;
    List<byte[]> copy;
    try (InputStream plain = gzip ? new GZIPInputStream(sent) : sent) {
      TraceInput in = new TraceInput(plain, forward == null ? null : share);
      decoded = new TraceDecoder(in, share, System.currentTimeMillis() * 1_000).read();
      copy = in.copy();
    }
    sent.drain();
    store.accept(decoded.spans());
    if (forward != null && !decoded.spans().isEmpty()) {
      forward.accept(copy);
    }
    return decoded;
  }

  /** As the sender says; the JDK's server has seen that it is a number. */
  private static long length(HttpExchange exchange) {
    String length = exchange.getRequestHeaders().getFirst("Content-Length");
    return length == null ? 0 : Long.parseLong(length);
  }

  private void refuse(HttpExchange exchange, TraceRefusal refusal) throws IOException {
    if (refusal.status() == 503) {
      refused.add(ConsoleTally.BUSY, 1);
      exchange.getResponseHeaders().set("Retry-After", "1");
    } else {
      refused.add(ConsoleTally.TOO_LARGE, 1);
    }
    ConsoleReply.refuse(exchange, refusal.status(), refusal.getMessage());
  }

  private static ExportTraceServiceResponse response(TraceDecoder decoded, int rejected) {
    ExportTraceServiceResponse.Builder response = ExportTraceServiceResponse.newBuilder();
    if (rejected > 0) {
      response.setPartialSuccess(
          ExportTracePartialSuccess.newBuilder()
              .setRejectedSpans(rejected)
              .setErrorMessage(why(decoded)));
    }
    return response.build();
  }

  private static String why(TraceDecoder decoded) {
    String ids = decoded.withoutIds() == 0 ? "" : "trace or span id is not valid";
    String ahead = decoded.ahead() == 0 ? "" : "start is more than a day from now";
    return ids.isEmpty() || ahead.isEmpty() ? ids + ahead : ids + ", " + ahead;
  }
}
