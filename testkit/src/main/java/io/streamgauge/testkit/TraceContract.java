package io.streamgauge.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** One span per side and call, joined over the wire, ended once. */
public abstract class TraceContract extends StreamContract {

  protected TraceContract(Supplier<StreamSubject> subjects, TestTransport transport) {
    super(subjects, transport);
  }

  @Test
  void theServersSpanIsAChildOfTheClients() {
    unary("hello");

    TestSpan client = one("CLIENT");
    TestSpan server = one("SERVER");
    assertThat(client.name()).isEqualTo(TestMethods.UNARY.getFullMethodName());
    assertThat(client.parentSpanId()).isEqualTo("0000000000000000");
    assertThat(server.name()).isEqualTo(client.name());
    assertThat(server.traceId()).isEqualTo(client.traceId());
    assertThat(server.parentSpanId()).isEqualTo(client.spanId());
    assertThat(server.attributes())
        .containsEntry("rpc.system.name", "grpc")
        .containsEntry("rpc.method", TestMethods.UNARY.getFullMethodName())
        .containsEntry("rpc.status_code", "OK")
        .doesNotContainKey("error.type");
    assertThat(client.error()).isFalse();
    assertThat(server.error()).isFalse();
  }

  @Test
  void aStreamIsOneSpanPerSideWithItsTotals() {
    exchange(TestMethods.BIDI, "a", "b", "count:10");

    assertThat(one("CLIENT").attributes())
        .containsEntry("grpc.stream.msg_sent", 3L)
        .containsEntry("grpc.stream.msg_received", 12L);
    assertThat(one("SERVER").attributes())
        .containsEntry("grpc.stream.msg_sent", 12L)
        .containsEntry("grpc.stream.msg_received", 3L);
  }

  @Test
  void anApplicationErrorIsTheClientsErrorButNotTheServers() {
    assertThatThrownBy(() -> unary("fail:NOT_FOUND")).isInstanceOf(StatusRuntimeException.class);

    assertThat(one("CLIENT").error()).isTrue();
    assertThat(one("CLIENT").attributes()).containsEntry("error.type", "NOT_FOUND");
    assertThat(one("SERVER").error()).isFalse();
    assertThat(one("SERVER").attributes()).containsEntry("rpc.status_code", "NOT_FOUND");
  }

  @Test
  void aHandlerThatThrowsEndsBothSpansOnceAsErrors() {
    assertThatThrownBy(() -> unary("throw")).isInstanceOf(StatusRuntimeException.class);

    assertThat(one("CLIENT").error()).isTrue();
    assertThat(one("SERVER").error()).isTrue();
    assertThat(one("SERVER").attributes()).containsEntry("error.type", "UNKNOWN");
  }

  private TestSpan one(String kind) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(ofKind(kind)).as("%s spans", kind).hasSize(1));
    return ofKind(kind).get(0);
  }

  private List<TestSpan> ofKind(String kind) {
    return subject.spans().stream()
        .filter(span -> span.kind().equals(kind))
        .filter(span -> span.attributes().containsKey("rpc.system.name"))
        .toList();
  }
}
