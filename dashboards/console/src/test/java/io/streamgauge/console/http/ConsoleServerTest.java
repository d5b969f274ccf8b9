package io.streamgauge.console.http;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.testkit.fixture.Await;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What one request, its peer or its handler can do to the others: nothing. */
class ConsoleServerTest {

  private static final Logger logger = Logger.getLogger("io.streamgauge.console");

  private final HttpClient http = HttpClient.newHttpClient();
  private final List<Socket> sockets = new ArrayList<>();
  private ConsoleServer server;

  /** The faults are meant; their stacks would fill the log. */
  @BeforeAll
  static void beSilent() {
    logger.setUseParentHandlers(false);
  }

  @AfterAll
  static void speak() {
    logger.setUseParentHandlers(true);
  }

  private ConsoleServer server(ConsoleLimits limits) throws IOException {
    server = new ConsoleServer(0, limits);
    server.get("/ok", exchange -> ConsoleReply.text(exchange, 200, "ok\n"));
    return server;
  }

  @AfterEach
  void stop() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    server.stop();
  }

  private HttpResponse<String> get(String path) throws Exception {
    return Await.get(begin(path));
  }

  private CompletableFuture<HttpResponse<String>> begin(String path) {
    return http.sendAsync(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /** A connection that has sent this much. */
  private Socket open(String text) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    sockets.add(socket);
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    return socket;
  }

  /** All it answers, until it closes the connection. */
  private static String answer(Socket socket) throws Exception {
    CompletableFuture<String> answer =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return new String(
                    socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
              } catch (IOException e) {
                return e.toString();
              }
            });
    return Await.get(answer);
  }

  static Stream<Throwable> faults() {
    return Stream.of(
        new IllegalStateException("a fault of ours"),
        new StackOverflowError(),
        new OutOfMemoryError("of this request"),
        new NoSuchMethodError("an older library"),
        new AssertionError("not true"));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void aFaultOfOneRequestIsItsAnswerAndTheThreadGoesOn(Throwable fault) throws Exception {
    // One thread for all requests but one: if it ended, another would have its number.
    server(ConsoleLimits.standard().threads(2, 1));
    List<String> threads = new ArrayList<>();
    server.get(
        "/fault",
        exchange -> {
          threads.add(Thread.currentThread().getName());
          sneak(fault);
        });
    server.post("/fault", exchange -> sneak(fault));
    server.start();
    for (int i = 0; i < 5; i++) {
      assertThat(get("/fault").statusCode()).isEqualTo(500);
    }
    // Its body is not read, and it hears of it nevertheless.
    String large = "x".repeat(1 << 20);
    String post = "POST /fault HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
    assertThat(answer(open(post + "Content-Length: " + large.length() + "\r\n\r\n" + large)))
        .startsWith("HTTP/1.1 500");
    assertThat(get("/ok").statusCode()).isEqualTo(200);
    assertThat(threads).isSubsetOf("streamgauge-console-1", "streamgauge-console-2");
    assertThat(server.refused().counts()).containsEntry("fault", 6L);
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> void sneak(Throwable fault) throws T {
    throw (T) fault;
  }

  @Test
  void aFaultInTheMiddleOfAnAnswerDoesNotEndItAsIfItWereWhole() throws Exception {
    server(ConsoleLimits.standard());
    server.get(
        "/half",
        exchange ->
            ConsoleReply.body(
                exchange,
                200,
                "text/plain",
                out -> {
                  out.write(new byte[100_000]);
                  throw new StackOverflowError();
                }));
    server.start();
    String answer = answer(open("GET /half HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    assertThat(answer).startsWith("HTTP/1.1 200").doesNotEndWith("0\r\n\r\n");
    assertThat(get("/ok").statusCode()).isEqualTo(200);
  }

  @Test
  void whatIsFatalPassesAndItsClientIsAnswered() throws Exception {
    server(ConsoleLimits.standard());
    server.get(
        "/fatal",
        exchange -> {
          throw new InternalError("the machine is broken");
        });
    server.start();
    CompletableFuture<Throwable> passed = new CompletableFuture<>();
    Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
    Thread.setDefaultUncaughtExceptionHandler((thread, fault) -> passed.complete(fault));
    try {
      assertThat(get("/fatal").statusCode()).isEqualTo(500);
      assertThat(Await.get(passed)).isInstanceOf(InternalError.class);
    } finally {
      Thread.setDefaultUncaughtExceptionHandler(before);
    }
    assertThat(get("/ok").statusCode()).isEqualTo(200);
  }

  @Test
  void aFullHouseAnswersAtOnceAndSaysWhenToComeAgain() throws Exception {
    server(ConsoleLimits.standard().threads(8, 3));
    CountDownLatch leave = new CountDownLatch(1);
    Semaphore inside = new Semaphore(0);
    server.get(
        "/slow",
        exchange -> {
          inside.release();
          Await.hold(leave);
          ConsoleReply.text(exchange, 200, "done\n");
        });
    server.post("/in", exchange -> ConsoleReply.text(exchange, 200, "in\n"));
    server.start();
    List<Socket> held = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      held.add(open("GET /slow HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
    }
    Await.acquire(inside, 3);

    HttpResponse<String> refused = get("/ok");
    assertThat(refused.statusCode()).isEqualTo(503);
    assertThat(refused.headers().firstValue("Retry-After")).hasValue("1");
    assertThat(refused.body().lines()).hasSize(1);
    String large = "x".repeat(1 << 20);
    String post = "POST /in HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
    assertThat(answer(open(post + "Content-Length: " + large.length() + "\r\n\r\n" + large)))
        .startsWith("HTTP/1.1 503");

    leave.countDown();
    for (Socket each : held) {
      assertThat(answer(each)).endsWith("done\n");
    }
    assertThat(get("/ok").statusCode()).isEqualTo(200);
    assertThat(server.refused().counts()).containsEntry("busy", 2L);
  }

  @Test
  void aPeerThatSendsOrTakesTooSlowlyLosesItsPlace() throws Exception {
    server(ConsoleLimits.standard().threads(6, 2).patience(Duration.ofMillis(300)));
    AtomicInteger ended = new AtomicInteger();
    server.post(
        "/in",
        exchange -> {
          try (InputStream in = exchange.getRequestBody()) {
            in.readAllBytes();
          } finally {
            ended.incrementAndGet();
          }
        });
    server.get(
        "/large",
        exchange -> {
          try {
            ConsoleReply.body(
                exchange, 200, "text/plain", out -> out.write(new byte[64 * 1024 * 1024]));
          } finally {
            ended.incrementAndGet();
          }
        });
    server.start();
    String post = "POST /in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n";
    // One says nothing more, the other a little now and then: both hold all places.
    Socket silent = open(post);
    Socket dribbling = open(post);
    await().until(() -> !dribble(dribbling) && ended.get() == 2);
    assertThat(answer(silent)).doesNotContain("200");
    await().until(() -> get("/ok").statusCode() == 200);

    // Two that take nothing of what they asked for.
    open("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n");
    open("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await().until(() -> ended.get() == 4);
    await().until(() -> get("/ok").statusCode() == 200);
    assertThat(server.refused().counts()).containsEntry("slow", 4L);
  }

  /** False once the connection is closed. */
  private static boolean dribble(Socket socket) {
    try {
      socket.getOutputStream().write('x');
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void onlyTheAnswerIsWithoutAnEnd() throws Exception {
    server(ConsoleLimits.standard().threads(6, 2).patience(Duration.ofMillis(300)));
    server.getEndless("/events", 16, exchange -> ConsoleReply.text(exchange, 200, "event\n"));
    server.start();
    Socket sending =
        open("POST /events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n");
    await().until(() -> !dribble(sending));
    assertThat(server.refused().counts()).containsEntry("slow", 1L);
  }

  @Test
  void headsThatDoNotComeToAnEndHoldNoThread() throws Exception {
    server(ConsoleLimits.standard().threads(2, 1).patience(Duration.ofMillis(300)));
    server.start();
    for (int i = 0; i < 6; i++) {
      open("GET / HT");
    }
    assertThat(get("/ok").statusCode()).isEqualTo(200);
  }

  /** The thread is the console's, but what a handler calls may be the application's. */
  @Test
  void aHandlerThatTakesItsTimeIsNotInterrupted() throws Exception {
    server(ConsoleLimits.standard().patience(Duration.ofMillis(50)));
    CountDownLatch leave = new CountDownLatch(1);
    Semaphore inside = new Semaphore(0);
    server.get(
        "/slow",
        exchange -> {
          inside.release();
          Await.hold(leave);
          ConsoleReply.text(exchange, 200, Thread.interrupted() ? "interrupted\n" : "done\n");
        });
    server.start();
    CompletableFuture<HttpResponse<String>> slow = begin("/slow");
    Await.acquire(inside, 1);
    // The watch has looked at it: it has cut one that came later.
    open("GET / HT");
    await().until(() -> server.refused().counts().containsKey("slow"));
    leave.countDown();
    assertThat(Await.get(slow).body()).isEqualTo("done\n");
  }

  @Test
  void aUriWithoutAnEndIsRefused() throws Exception {
    server(ConsoleLimits.standard());
    server.getUnder("/under/", exchange -> ConsoleReply.text(exchange, 200, "ok\n"));
    server.start();
    assertThat(get("/under/" + "a.".repeat(4_000)).statusCode()).isEqualTo(200);
    assertThat(get("/under/" + "a.".repeat(5_000)).statusCode()).isEqualTo(414);
    assertThat(server.refused().counts()).containsEntry("too_large", 1L);
  }

  @Test
  void theHostIsLookedAtOnEveryPathAndOnce() throws Exception {
    server(ConsoleLimits.standard());
    server.open("/open", exchange -> ConsoleReply.text(exchange, 200, "open\n"));
    server.post("/in", exchange -> ConsoleReply.text(exchange, 200, "in\n"));
    server.getEndless("/events", 16, exchange -> ConsoleReply.text(exchange, 200, "events\n"));
    server.start();
    for (String request :
        List.of(
            "GET /ok HTTP/1.1\r\nHost: [::1].evil.com\r\n",
            "GET /open HTTP/1.1\r\nHost: [::1].evil.com\r\n",
            "GET /events HTTP/1.1\r\nHost: [::1].evil.com\r\n",
            "GET /nothing HTTP/1.1\r\nHost: [::1].evil.com\r\n",
            "HEAD /ok HTTP/1.1\r\nHost: [::1].evil.com\r\n",
            "POST /in HTTP/1.1\r\nHost: [::1].evil.com\r\nContent-Length: 0\r\n",
            "GET /ok HTTP/1.1\r\nHost: localhost\r\nHost: evil.com\r\n",
            "GET /ok HTTP/1.1\r\nHost:\r\n",
            "GET /ok HTTP/1.1\r\n",
            "GET http://evil.com/ok HTTP/1.1\r\nHost: localhost\r\n")) {
      assertThat(answer(open(request + "Connection: close\r\n\r\n")))
          .as(request)
          .startsWith("HTTP/1.1 421");
    }
    for (String request :
        List.of(
            "GET /ok HTTP/1.1\r\nHost: LOCALHOST:80\r\n",
            "GET /ok HTTP/1.1\r\nHost: [::1]:80\r\n",
            "GET http://localhost/ok HTTP/1.1\r\nHost: localhost\r\n",
            "GET /ok HTTP/1.0\r\n")) {
      assertThat(answer(open(request + "Connection: close\r\n\r\n")))
          .as(request)
          .startsWith("HTTP/1.1 200");
    }
    assertThat(server.refused().counts()).containsEntry("host", 10L);
  }

  @Test
  void aLargeAnswerComesWholeAndInPartsAndToAHeadWithoutABody() throws Exception {
    server(ConsoleLimits.standard());
    server.get(
        "/large",
        exchange ->
            ConsoleReply.body(
                exchange,
                200,
                "text/plain",
                out -> {
                  for (int i = 0; i < 200_000; i++) {
                    line(out, i);
                  }
                }));
    server.start();
    HttpResponse<String> whole = get("/large");
    assertThat(whole.headers().firstValue("Transfer-Encoding")).hasValue("chunked");
    assertThat(whole.body().lines()).hasSize(200_000).last().isEqualTo("199999");
    assertThat(answer(open("HEAD /large HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")))
        .startsWith("HTTP/1.1 200")
        .endsWith("\r\n\r\n");
  }

  private static void line(OutputStream out, int number) throws IOException {
    out.write((number + "\n").getBytes(StandardCharsets.US_ASCII));
  }
}
