package io.streamgauge.console.live;

import com.google.gson.Gson;
import io.streamgauge.console.http.ConsoleReply;
import io.streamgauge.console.http.ConsoleServer;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;

/** The live page with what feeds it, put on a server. */
public final class LiveConsole implements AutoCloseable {

  private final LiveSampler sampler;
  private final LiveEvents events;

  /**
   * Registers {@code /}, {@code /events} and {@code /api/live}.
   *
   * @param traces where a trace is shown, as the URL before its id; empty where none are
   */
  public LiveConsole(ConsoleServer server, List<LiveSource> sources, String traces) {
    LiveEvents[] self = new LiveEvents[1];
    sampler = new LiveSampler(sources, sample -> self[0].publish(sample));
    events = new LiveEvents(sampler::history, sampler::latest);
    self[0] = events;
    LivePages.register(server);
    server.getEndless("/events", LiveEvents.MAX_CLIENTS, events);
    server.get(
        "/api/live",
        exchange ->
            ConsoleReply.bytes(
                exchange,
                200,
                "application/json; charset=utf-8",
                sampler.latest().getBytes(StandardCharsets.UTF_8)));
    String config = new Gson().toJson(Collections.singletonMap("traces", traces));
    server.get(
        "/api/config",
        exchange ->
            ConsoleReply.bytes(
                exchange,
                200,
                "application/json; charset=utf-8",
                config.getBytes(StandardCharsets.UTF_8)));
  }

  public void start() {
    sampler.start();
  }

  @Override
  public void close() {
    events.close();
    sampler.close();
  }
}
