package io.streamgauge.testkit.contract;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestSpan;
import io.streamgauge.testkit.fixture.TestTransport;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** One span per side and call, joined over the wire, ended once. */
public abstract class TraceContract extends StreamContract {

  /** RPC semantic conventions 1.45.0: the codes a server is to blame for. */
  private static final Set<String> SERVER_ERRORS =
      Set.of(
          "UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS");

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

  /**
   * Each kind of call, each way it may end: the code both sides note and who calls it an error. A
   * cancel and a deadline reach the server as one or the other, whichever is first.
   */
  @ParameterizedTest
  @MethodSource("kindsAndEnds")
  void everyKindOfCallAndEnd(
      MethodDescriptor<String, String> method, String end, String clientCode, String serverCodes) {
    CallOptions options =
        end.equals("deadline")
            ? CallOptions.DEFAULT.withDeadlineAfter(1, TimeUnit.SECONDS)
            : CallOptions.DEFAULT;
    TestCall call = TestCall.start(channel, method, options);
    call.send(end.equals("cancel") || end.equals("deadline") ? "hang" : end);
    call.halfClose();
    if (end.equals("cancel")) {
      awaitSum(1, "grpc_server_msg_received_total");
      call.cancel();
    }
    call.awaitEnd();

    TestSpan client = one("CLIENT");
    TestSpan server = one("SERVER");
    assertThat(client.name()).isEqualTo(method.getFullMethodName());
    assertThat(server.name()).isEqualTo(method.getFullMethodName());
    assertThat(server.parentSpanId()).isEqualTo(client.spanId());
    assertThat(client.attributes()).containsEntry("rpc.status_code", clientCode);
    assertThat(client.error()).isEqualTo(!clientCode.equals("OK"));
    assertThat(client.attributes().get("error.type")).isEqualTo(client.error() ? clientCode : null);
    String serverCode = (String) server.attributes().get("rpc.status_code");
    assertThat(serverCodes.split("/", -1)).contains(serverCode);
    assertThat(server.error()).isEqualTo(SERVER_ERRORS.contains(serverCode));
    assertThat(server.attributes().get("error.type")).isEqualTo(server.error() ? serverCode : null);
  }

  static Stream<Arguments> kindsAndEnds() {
    List<Arguments> all = new ArrayList<>();
    for (MethodDescriptor<String, String> method :
        List.of(
            TestMethods.UNARY,
            TestMethods.CLIENT_STREAM,
            TestMethods.SERVER_STREAM,
            TestMethods.BIDI)) {
      all.add(Arguments.of(method, "hello", "OK", "OK"));
      for (Status.Code code : Status.Code.values()) {
        if (code != Status.Code.OK) {
          all.add(Arguments.of(method, "fail:" + code, code.name(), code.name()));
        }
      }
      all.add(Arguments.of(method, "throw", "UNKNOWN", "UNKNOWN"));
      all.add(Arguments.of(method, "cancel", "CANCELLED", "CANCELLED"));
      all.add(Arguments.of(method, "deadline", "DEADLINE_EXCEEDED", "CANCELLED/DEADLINE_EXCEEDED"));
    }
    return all.stream();
  }

  /** A call never started has no span; one of an unknown method has only the client's. */
  @Test
  void whatNeverStartedHasNoSpanAndWhatNobodyServesHasOne() {
    ClientCall<String, String> never = channel.newCall(TestMethods.UNARY, CallOptions.DEFAULT);
    never.cancel("never started", null);
    assertThat(codeOf(exchange(TestMethods.MISSING, "hello"))).isEqualTo(Status.Code.UNIMPLEMENTED);

    TestSpan client = one("CLIENT");
    assertThat(client.name()).isEqualTo(TestMethods.MISSING.getFullMethodName());
    assertThat(client.error()).isTrue();
    assertThat(ofKind("SERVER")).isEmpty();
  }

  private TestSpan one(String kind) {
    await().untilAsserted(() -> assertThat(ofKind(kind)).as("%s spans", kind).hasSize(1));
    return ofKind(kind).get(0);
  }

  private List<TestSpan> ofKind(String kind) {
    return subject.spans().stream()
        .filter(span -> span.kind().equals(kind))
        .filter(span -> span.attributes().containsKey("rpc.system.name"))
        .toList();
  }
}
