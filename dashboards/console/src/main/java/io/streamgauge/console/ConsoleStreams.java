package io.streamgauge.console;

import com.google.gson.stream.JsonWriter;
import com.sun.net.httpserver.HttpExchange;
import io.streamgauge.Streamgauge;
import io.streamgauge.stream.StreamView;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;

/** {@code /api/streams}: the open streams, oldest first, at most {@value #MAX_ROWS} of them. */
final class ConsoleStreams implements ConsoleServer.Handler {

  static final int MAX_ROWS = 200;

  private final Streamgauge gauge;

  ConsoleStreams(Streamgauge gauge) {
    this.gauge = gauge;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    List<StreamView> streams = gauge.liveStreams();
    streams.sort(Comparator.comparingLong(StreamView::ageNanos).reversed());
    ConsoleReply.json(exchange, 200, json -> write(json, streams));
  }

  private static void write(JsonWriter json, List<StreamView> streams) throws IOException {
    json.beginObject();
    json.name("open").value(streams.size());
    json.name("shown").value(Math.min(streams.size(), MAX_ROWS));
    json.name("streams").beginArray();
    for (StreamView stream : streams.subList(0, Math.min(streams.size(), MAX_ROWS))) {
      write(json, stream);
    }
    json.endArray();
    json.endObject();
  }

  private static void write(JsonWriter json, StreamView stream) throws IOException {
    json.beginObject();
    json.name("id").value(stream.id());
    json.name("side").value(stream.side().label());
    json.name("grpc_type").value(stream.method().type().label());
    json.name("grpc_service").value(stream.method().service());
    json.name("grpc_method").value(stream.method().method());
    json.name("gray_tag").value(stream.lane());
    json.name("age_seconds").value(stream.ageNanos() / 1e9);
    json.name("msg_sent").value(stream.sent());
    json.name("msg_received").value(stream.received());
    json.name("depth").beginObject();
    depth(json, "connect", stream.connectDepth());
    depth(json, "executor", stream.executorDepth());
    depth(json, "handler", stream.handlerDepth());
    depth(json, "application", stream.applicationDepth());
    json.endObject();
    json.name("idle_seconds").value(stream.idleNanos() / 1e9);
    json.name("demand").value(stream.demand());
    json.name("not_ready").value(stream.notReady());
    json.name("blocked_seconds").value(stream.blockedNanos() / 1e9);
    json.name("cause").value(stream.cause() == null ? null : stream.cause().label());
    json.name("trace_id").value(stream.traceId());
    json.name("span_id").value(stream.spanId());
    json.name("sampled").value(stream.sampled());
    json.endObject();
  }

  /** A depth that cannot be known is absent, not 0. */
  private static void depth(JsonWriter json, String stage, long depth) throws IOException {
    if (depth != StreamView.UNKNOWN) {
      json.name(stage).value(depth);
    }
  }
}
