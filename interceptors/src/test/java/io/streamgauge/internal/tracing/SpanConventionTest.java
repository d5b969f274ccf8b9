package io.streamgauge.internal.tracing;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.stub.ClientCalls;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.prometheus.client.CollectorRegistry;
import io.streamgauge.Streamgauge;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestPair;
import io.streamgauge.testkit.fixture.TestTransport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What a call's span has, beside the RPC conventions 1.45.0 (docs/rpc/grpc.md there): required and
 * recommended attributes of the client and the server span, the scope and its version.
 */
class SpanConventionTest {

  private static final String[] BOTH = {"rpc.system.name", "rpc.method", "rpc.status_code"};
  private static final String[] SERVER = {"server.address", "server.port"};
  private static final String[] NETWORK = {
    "network.peer.address", "network.peer.port", "network.transport"
  };

  private static Map<String, Object> conventional(SpanData span) {
    Map<String, Object> found = new TreeMap<>();
    span.getAttributes()
        .forEach(
            (key, value) -> {
              if (!key.getKey().startsWith("grpc.") && !key.getKey().startsWith("streamgauge.")) {
                found.put(key.getKey(), value);
              }
            });
    return found;
  }

  private static Set<String> names(String[]... parts) {
    Set<String> names = new TreeSet<>();
    for (String[] part : parts) {
      names.addAll(List.of(part));
    }
    return names;
  }

  @ParameterizedTest
  @EnumSource(names = {"NETTY_SHADED", "IN_PROCESS"})
  void theSpansOfACallHaveWhatTheConventionAsksFor(TestTransport transport) throws Exception {
    InMemorySpanExporter spans = InMemorySpanExporter.create();
    OpenTelemetrySdk sdk =
        OpenTelemetrySdk.builder()
            .setTracerProvider(
                SdkTracerProvider.builder()
                    .addSpanProcessor(SimpleSpanProcessor.create(spans))
                    .build())
            .build();
    try (Streamgauge gauge =
            Streamgauge.builder().openTelemetry(sdk).prometheus(new CollectorRegistry()).build();
        TestPair pair = TestPair.open(transport, gauge::install, gauge::install)) {
      ClientCalls.blockingUnaryCall(
          pair.channel(), TestMethods.UNARY, CallOptions.DEFAULT, "hello");
      await().until(() -> spans.getFinishedSpanItems().size() == 2);
    }
    Matcher version =
        Pattern.compile("<version>([^<]+)</version>")
            .matcher(Files.readString(Path.of("../pom.xml")));
    assertThat(version.find()).isTrue();
    boolean tcp = transport != TestTransport.IN_PROCESS;
    for (SpanData span : spans.getFinishedSpanItems()) {
      assertThat(span.getInstrumentationScopeInfo().getName()).isEqualTo("io.streamgauge");
      assertThat(span.getInstrumentationScopeInfo().getVersion()).isEqualTo(version.group(1));
      Map<String, Object> attributes = conventional(span);
      assertThat(attributes.keySet())
          .as("%s", attributes)
          .isEqualTo(
              tcp ? names(BOTH, SERVER, NETWORK) : names(BOTH, new String[] {"server.address"}));
      assertThat(attributes)
          .containsEntry("rpc.system.name", "grpc")
          .containsEntry("rpc.method", TestMethods.UNARY.getFullMethodName())
          .containsEntry("rpc.status_code", "OK");
      if (tcp) {
        assertThat(attributes)
            .containsEntry("network.peer.address", "127.0.0.1")
            .containsEntry("network.transport", "tcp");
      }
    }
  }
}
