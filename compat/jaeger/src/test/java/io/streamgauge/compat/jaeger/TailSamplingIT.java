package io.streamgauge.compat.jaeger;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.ClientCalls;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.streamgauge.JaegerWatch;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestService;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Jaeger with {@code tail-sampling.yaml}: a stream's trace is kept or dropped as a whole, though
 * its checkpoints come long after the decision. Only the wait is shorter here, and far fewer traces
 * are in memory, so that the streams' are forgotten meanwhile.
 */
class TailSamplingIT {

  private static final String RECIPE =
      Jaeger.DASHBOARDS.resolve("jaeger/tail-sampling.yaml").toString();
  private static final String SHORT =
      "yaml:{processors: {tail_sampling: {decision_wait: 1s, num_traces: 100}}}";

  /** Also without the policy that keeps one in ten of what is left. */
  private static final String NO_CACHE =
      "yaml:{processors: {tail_sampling: {decision_cache:"
          + " {sampled_cache_size: 0, non_sampled_cache_size: 0}, policies: ["
          + "{name: streams, type: ottl_condition, ottl_condition: {error_mode: ignore,"
          + " span: ['IsMatch(name, \" (open|continued)$\")']}},"
          + "{name: failed, type: status_code, status_code: {status_codes: [ERROR]}}]}}}";

  private static final String BIDI = TestMethods.BIDI.getFullMethodName();
  private static final String WATCH = HealthGrpc.getWatchMethod().getFullMethodName();

  @TempDir Path directory;

  private final JaegerWatch watch = new JaegerWatch();
  private final HealthStatusManager health = new HealthStatusManager();
  private Jaeger jaeger;
  private Observed observed;
  private TestCall call;

  @AfterEach
  void stop() throws Exception {
    if (observed != null) {
      observed.close();
    }
    if (jaeger != null) {
      jaeger.close();
    }
  }

  private void start(String... more) throws Exception {
    jaeger = Jaeger.start(directory, more);
    observed =
        new Observed(
            List.of(jaeger.otlp()),
            // Health checks are left alone unless that is said.
            builder -> watch.on(builder).exclude("none"),
            TestService.create(),
            health.getHealthService().bindService());
  }

  private void half(int seconds) {
    watch.pass(observed.clientGauge, seconds);
    watch.pass(observed.serverGauge, 0);
  }

  private List<SpanData> sent(Predicate<SpanData> which) {
    return observed.flushed().stream().filter(which).toList();
  }

  /** A call that fails is kept; once it is there, everything sent before has been decided over. */
  private void awaitDecided() {
    Predicate<SpanData> failed =
        span ->
            span.getKind() == SpanKind.CLIENT
                && span.getStatus().getStatusCode() == StatusCode.ERROR;
    int before = sent(failed).size();
    try {
      ClientCalls.blockingUnaryCall(
          observed.channel, TestMethods.UNARY, CallOptions.DEFAULT, "fail:INTERNAL");
    } catch (StatusRuntimeException e) {
      assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INTERNAL);
    }
    await().until(() -> sent(failed).size() == before + 1);
    String id = sent(failed).get(before).getTraceId();
    await().until(() -> jaeger.spans(id) > 0);
  }

  /** Two streams, one of health checks; a checkpoint of each after both were forgotten. */
  private void twoStreams() {
    Iterator<HealthCheckResponse> statuses =
        HealthGrpc.newBlockingStub(observed.channel).watch(HealthCheckRequest.getDefaultInstance());
    assertThat(statuses.next().getStatus()).isEqualTo(ServingStatus.SERVING);
    call = TestCall.start(observed.channel, TestMethods.BIDI, CallOptions.DEFAULT);
    call.send("tick");
    await().until(() -> call.received() == 1);
    half(30);
    awaitDecided();
    for (int i = 0; i < 500; i++) {
      ClientCalls.blockingUnaryCall(
          observed.channel, TestMethods.UNARY, CallOptions.DEFAULT, "echo");
    }
    awaitDecided();
    call.send("tick");
    await().until(() -> call.received() == 2);
    health.setStatus("", ServingStatus.NOT_SERVING);
    assertThat(statuses.next().getStatus()).isEqualTo(ServingStatus.NOT_SERVING);
    half(30);
    call.halfClose();
    call.awaitEnd();
    await().until(() -> sent(span -> span.getName().equals(BIDI)).size() == 2);
    awaitDecided();
  }

  private Set<String> traces(String method) {
    return sent(span -> span.getName().startsWith(method)).stream()
        .map(SpanData::getTraceId)
        .collect(Collectors.toSet());
  }

  @Test
  void aStreamIsKeptOrDroppedAsAWhole() throws Exception {
    start(RECIPE, SHORT);
    twoStreams();

    String kept = traces(BIDI).iterator().next();
    int all = sent(span -> span.getTraceId().equals(kept)).size();
    await().until(() -> jaeger.spans(kept) == all);
    for (String service : List.of(Observed.CLIENT, Observed.SERVER)) {
      assertThat(jaeger.trace(kept).of(service, BIDI + " checkpoint")).hasSize(2);
      assertThat(jaeger.trace(kept).of(service, BIDI + " close")).hasSize(1);
    }
    assertThat(sent(span -> span.getName().equals(WATCH + " checkpoint"))).hasSize(4);
    assertThat(traces(WATCH)).isNotEmpty();
    for (String dropped : traces(WATCH)) {
      assertThat(jaeger.trace(dropped)).isNull();
    }
  }

  /** Why the recipe has the caches. */
  @Test
  void withoutTheCachesAStreamLosesItsLateCheckpoints() throws Exception {
    start(RECIPE, SHORT, NO_CACHE);
    twoStreams();

    String kept = traces(BIDI).iterator().next();
    assertThat(jaeger.trace(kept).of(Observed.CLIENT, BIDI + " checkpoint")).hasSize(1);
    assertThat(jaeger.trace(kept).of(Observed.CLIENT, BIDI + " close")).isEmpty();
  }
}
