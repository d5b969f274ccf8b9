package io.streamgauge.javaagent;

import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.api.baggage.Baggage;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;

/** An application with no gRPC in sight, whose HTTP hop has to carry the gray tag. */
final class HttpCanary {

  private HttpCanary() {}

  public static void main(String[] args) throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
    server.createContext(
        "/",
        exchange -> {
          String seen =
              exchange.getRequestHeaders().getFirst("x-env-tag")
                  + " "
                  + Baggage.current().getEntryValue("gray.tag");
          byte[] answer = seen.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
    int port = server.getAddress().getPort();
    System.out.println("untagged: " + get(port));
    Baggage gray = Baggage.builder().put("gray.tag", "blue").build();
    try (Scope scope = Context.current().with(gray).makeCurrent()) {
      System.out.println("tagged: " + get(port));
    }
    server.stop(0);
  }

  private static String get(int port) throws IOException, InterruptedException {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/")).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }
}
