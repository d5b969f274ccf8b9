package io.streamgauge.compat.jaeger;

import static io.streamgauge.compat.jaeger.OrderSync.CLIENT;
import static io.streamgauge.compat.jaeger.OrderSync.GRAY;
import static io.streamgauge.compat.jaeger.OrderSync.NOTIFY;
import static io.streamgauge.compat.jaeger.OrderSync.SERVER;
import static io.streamgauge.compat.jaeger.OrderSync.STABLE;
import static io.streamgauge.compat.jaeger.OrderSync.SYNC;
import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.compat.jaeger.JaegerTrace.JaegerSpan;
import io.streamgauge.compat.jaeger.JaegerTrace.Reference;
import io.streamgauge.testkit.fixture.Await;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a user of Jaeger finds of order-sync: first while its streams are open, then when all have
 * ended.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
abstract class OrderSyncContract {

  /** What the RPC semantic conventions call an error of a server. */
  private static final Set<String> SERVER_ERRORS =
      Set.of(
          "UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS");

  private Jaeger jaeger;
  private OrderSync orders;

  abstract OrderSync.Attachment attachment();

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    jaeger = Jaeger.start(directory);
    orders = new OrderSync(directory.resolve("orders"), jaeger.otlp(), attachment());
  }

  @AfterAll
  void stop() throws Exception {
    if (orders != null) {
      orders.close();
    }
    if (jaeger != null) {
      jaeger.close();
    }
  }

  private List<JaegerTrace> awaitSome(Map<String, String> search) {
    Await.await(orders.client(), orders.clientLog()).until(() -> !jaeger.search(search).isEmpty());
    return jaeger.search(search);
  }

  private List<JaegerTrace> awaitTagged(String service, String key, String value) {
    Await.await(orders.client(), orders.clientLog())
        .until(() -> !jaeger.tagged(service, key, value).isEmpty());
    return jaeger.tagged(service, key, value);
  }

  @Test
  @Order(1)
  void servicesAndTheirOperations() {
    awaitSome(Map.of("service", STABLE));
    awaitSome(Map.of("service", GRAY));
    awaitSome(Map.of("service", CLIENT, "operation", SYNC + " checkpoint"));
    assertThat(jaeger.services()).containsExactlyInAnyOrder(CLIENT, SERVER, STABLE, GRAY);
    // Each process exports in its own time.
    Await.await(orders.client(), orders.clientLog())
        .untilAsserted(
            () -> {
              assertThat(jaeger.operations(CLIENT))
                  .contains(SYNC + " open", SYNC + " checkpoint", "order");
              assertThat(jaeger.operations(SERVER))
                  .contains(SYNC + " open", SYNC + " checkpoint", SYNC + " message", NOTIFY);
            });
    assertThat(jaeger.operations(STABLE)).containsExactly(NOTIFY);
  }

  /** Markers miss the call span, which has not ended; what is below them misses nothing. */
  @Test
  @Order(2)
  void aStreamIsSeenWhileItIsOpen() {
    Await.await(orders.client(), orders.clientLog()).until(() -> seenOpen().findAny().isPresent());
    JaegerTrace open = seenOpen().findFirst().orElseThrow();
    assertThat(open.of(CLIENT, SYNC)).as("the call span").isEmpty();
    for (String service : List.of(CLIENT, SERVER)) {
      JaegerSpan marker = open.of(service, SYNC + " open").get(0);
      assertThat(open.span(marker.parent().spanId())).isNull();
      assertThat(marker.warnings()).singleElement().asString().contains("invalid parent span");
      assertThat(open.of(service, SYNC + " checkpoint"))
          .allSatisfy(
              checkpoint -> {
                assertThat(checkpoint.parent().spanId()).isEqualTo(marker.id());
                assertThat(checkpoint.warnings()).isEmpty();
                assertThat(checkpoint.tag("rpc.method")).isEqualTo(SYNC);
                assertThat(checkpoint.tags()).containsKey("grpc.stream.msg_sent");
              });
    }
  }

  /** Traces with the marker and a checkpoint of both sides. */
  private Stream<JaegerTrace> seenOpen() {
    return jaeger.search(Map.of("service", SERVER, "operation", SYNC + " checkpoint")).stream()
        .filter(
            trace ->
                Stream.of(CLIENT, SERVER)
                    .allMatch(
                        service ->
                            !trace.of(service, SYNC + " open").isEmpty()
                                && !trace.of(service, SYNC + " checkpoint").isEmpty()));
  }

  @Test
  @Order(3)
  void aStallIsAnErrorThatASearchFinds() {
    List<JaegerTrace> found = awaitTagged(CLIENT, "grpc.stream.stall_cause", "no_demand");
    JaegerSpan stall =
        found.get(0).of(CLIENT, SYNC + " checkpoint").stream()
            .filter(span -> "no_demand".equals(span.tag("grpc.stream.stall_cause")))
            .findFirst()
            .orElseThrow();
    assertThat(stall.isError()).isTrue();
    assertThat(stall.tag("otel.status_code")).isEqualTo("ERROR");
    assertThat(stall.tag("otel.status_description")).isEqualTo("stalled: no_demand");
    assertThat(jaeger.tagged(CLIENT, "error.type", "stalled"))
        .extracting(JaegerTrace::id)
        .contains(found.get(0).id());
  }

  @Test
  @Order(4)
  void tagsAreSearchable() {
    JaegerTrace gray = awaitTagged(GRAY, "gray.tag", "gray").get(0);
    assertThat(gray.of(GRAY, NOTIFY)).isNotEmpty();
    String stream =
        jaeger
            .search(Map.of("service", CLIENT, "operation", SYNC + " open"))
            .get(0)
            .of(CLIENT, SYNC + " open")
            .get(0)
            .tag("streamgauge.stream.id");
    assertThat(jaeger.tagged(CLIENT, "streamgauge.stream.id", stream)).isNotEmpty();
    assertThat(jaeger.tagged(STABLE, "rpc.method", NOTIFY)).isNotEmpty();
    assertThat(jaeger.tagged(STABLE, "rpc.method", SYNC)).isEmpty();
    awaitTagged(GRAY, "rpc.status_code", "INTERNAL");
  }

  // ---- all have ended ------------------------------------------------------------------------

  @Test
  @Order(5)
  void everySpanArrives() throws Exception {
    orders.stopClient();
    // Under the agent the exporter and the application hear the signal at the same time: a notice
    // that is under way then has a span that ends too late. So all have been taken before it.
    Await.await()
        .untilAsserted(
            () -> {
              assertThat(takenWell(STABLE) + takenWell(GRAY))
                  .isGreaterThanOrEqualTo(orders.counted("traced_shipments"));
              assertThat(count(SERVER, NOTIFY))
                  .isGreaterThanOrEqualTo(count(STABLE, NOTIFY) + count(GRAY, NOTIFY));
            });
    orders.stopServers();
    // Jaeger has what it was sent, and stores it a little later.
    Await.await()
        .untilAsserted(
            () -> {
              assertThat(count(CLIENT, "order")).isEqualTo(orders.counted("traced_orders"));
              assertThat(count(SERVER, SYNC + " message"))
                  .isEqualTo(orders.counted("traced_updates"));
              long taken = count(STABLE, NOTIFY) + count(GRAY, NOTIFY);
              assertThat(taken)
                  .as("one or more for each shipment")
                  .isGreaterThanOrEqualTo(orders.counted("traced_shipments"));
              // On a slow machine one may end at its deadline before it arrives.
              assertThat(count(SERVER, NOTIFY)).isGreaterThanOrEqualTo(taken);
              for (String service : List.of(CLIENT, SERVER)) {
                for (String span : List.of("", " open", " close")) {
                  assertThat(count(service, SYNC + span)).as(service + span).isEqualTo(3);
                }
              }
            });
    System.out.printf(
        "jaeger, %s: back of sent: orders %d of %d, updates %d of %d, notices %d of %d, streams %d"
            + " of 3 a side; %d spans in all%n",
        attachment(),
        count(CLIENT, "order"),
        orders.counted("traced_orders"),
        count(SERVER, SYNC + " message"),
        orders.counted("traced_updates"),
        count(STABLE, NOTIFY) + count(GRAY, NOTIFY),
        count(SERVER, NOTIFY),
        count(SERVER, SYNC),
        traces().flatMap(t -> t.spans().stream()).map(JaegerSpan::id).distinct().count());
  }

  private long count(String service, String operation) {
    return jaeger.search(Map.of("service", service, "operation", operation)).stream()
        .mapToLong(trace -> trace.of(service, operation).size())
        .sum();
  }

  /** Notices that were not refused on purpose. */
  private long takenWell(String service) {
    return jaeger.search(Map.of("service", service, "operation", NOTIFY)).stream()
        .flatMap(trace -> trace.of(service, NOTIFY).stream())
        .filter(span -> "OK".equals(span.tag("rpc.status_code")))
        .count();
  }

  private Stream<JaegerTrace> traces() {
    return Stream.of(CLIENT, SERVER, STABLE, GRAY)
        .flatMap(service -> jaeger.search(Map.of("service", service)).stream());
  }

  @Test
  @Order(6)
  void everySpanHasItsParentAndNoClockSeemsWrong() {
    assertThat(traces().flatMap(trace -> trace.spans().stream()))
        .allSatisfy(
            span -> {
              if (!span.is("continued")) {
                assertThat(span.warnings()).asString().doesNotContain("invalid parent");
              }
              if (List.of("open", "checkpoint", "close").stream().anyMatch(span::is)) {
                assertThat(span.warnings()).as(span.operation()).isEmpty();
              }
            });
  }

  @Test
  @Order(7)
  void anOrderIsOneTraceOverThreeProcesses() {
    List<JaegerTrace> traces =
        jaeger.search(Map.of("service", SERVER, "operation", NOTIFY)).stream()
            .filter(trace -> !trace.of(CLIENT, "order").isEmpty())
            .toList();
    assertThat(traces).isNotEmpty();
    for (JaegerTrace trace : traces) {
      JaegerSpan order = trace.of(CLIENT, "order").get(0);
      assertThat(order.parent()).isNull();
      assertThat(trace.of(SERVER, SYNC + " message"))
          .isNotEmpty()
          .allSatisfy(
              message -> {
                assertThat(message.parent().spanId()).isEqualTo(order.id());
                Reference stream = message.links().get(0);
                assertThat(jaeger.trace(stream.traceId()).span(stream.spanId()).operation())
                    .isEqualTo(SYNC);
              });
      for (JaegerSpan call : trace.of(SERVER, NOTIFY)) {
        if (call.tag("rpc.status_code").equals("DEADLINE_EXCEEDED")) {
          continue; // it may never have arrived
        }
        assertThat(trace.span(call.parent().spanId()).operation()).isEqualTo(SYNC + " message");
        assertThat(
                trace.spans().stream()
                    .filter(span -> span.parent() != null)
                    .filter(span -> span.parent().spanId().equals(call.id()))
                    .map(JaegerSpan::service))
            .as("who took %s", call)
            .hasSize(1)
            .containsAnyOf(STABLE, GRAY);
      }
    }
  }

  @Test
  @Order(8)
  void callsSayHowTheyEnded() {
    List<JaegerSpan> calls =
        traces()
            .flatMap(trace -> trace.spans().stream())
            .filter(span -> span.operation().equals(NOTIFY))
            .toList();
    assertThat(calls)
        .allSatisfy(
            call -> {
              String code = call.tag("rpc.status_code");
              // A call that its caller gives up, as on a slow machine, is no error of the server.
              boolean failed =
                  !code.equals("OK")
                      && (call.tag("span.kind").equals("client") || SERVER_ERRORS.contains(code));
              assertThat(call.isError()).isEqualTo(failed);
              assertThat(call.tag("error.type")).isEqualTo(failed ? code : null);
              assertThat(call.tag("rpc.system.name")).isEqualTo("grpc");
              assertThat(call.tag("rpc.method")).isEqualTo(NOTIFY);
              assertThat(call.tag("network.transport")).isEqualTo("tcp");
            });
    assertThat(calls).anyMatch(JaegerSpan::isError).anyMatch(call -> !call.isError());
    assertThat(calls.stream().filter(call -> call.service().equals(GRAY)))
        .allMatch(call -> call.tag("gray.tag").equals("gray"));
  }
}
