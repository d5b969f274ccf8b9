package io.streamgauge.console.live;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.console.http.ConsoleLimits;
import io.streamgauge.console.http.ConsoleServer;
import io.streamgauge.testkit.fixture.Await;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LiveEventsTest {

  private static Socket ask(int port) throws Exception {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket
        .getOutputStream()
        .write("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.UTF_8));
    return socket;
  }

  /** It neither holds up the thread that publishes, nor keeps its place. */
  @Test
  void aReaderThatStopsReadingLosesItsPlaceAndHoldsUpNobody() throws Exception {
    LiveEvents events = new LiveEvents(() -> "[]", () -> "{}");
    ConsoleServer server =
        new ConsoleServer(0, ConsoleLimits.standard().patience(Duration.ofSeconds(1)));
    server.getEndless("/events", LiveEvents.MAX_CLIENTS, events);
    server.start();
    try (Socket stuck = ask(server.port());
        Socket reader = ask(server.port())) {
      await().until(() -> events.size() == 2);
      BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(reader.getInputStream(), StandardCharsets.UTF_8), 1 << 16);
      CompletableFuture<Boolean> reading =
          CompletableFuture.supplyAsync(
              () -> lines.lines().anyMatch(line -> line.contains("the last")));
      String large = "x".repeat(1 << 19);
      await()
          .pollInterval(100, TimeUnit.MILLISECONDS)
          .until(
              () -> {
                Await.get(CompletableFuture.runAsync(() -> events.publish(large)));
                return events.size() == 1;
              });
      assertThat(stuck.isConnected()).isTrue();
      await()
          .until(
              () -> {
                events.publish("the last");
                return reading.isDone();
              });
      assertThat(Await.get(reading)).isTrue();
    } finally {
      events.close();
      server.stop();
    }
  }
}
