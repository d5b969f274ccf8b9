package io.streamgauge.gray;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.streamgauge.internal.grpc.TestTls;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestHop;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestTransport;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Whose tag is believed. */
class GrayTrustTest {

  private static GrayPolicy policy(GrayIngress ingress, Consumer<GrayPolicy.Builder> more) {
    GrayPolicy.Builder builder = GrayPolicy.builder().ingress(ingress).aliases("x-mse-tag");
    more.accept(builder);
    return builder.build();
  }

  /** An application that hands on every header it gets. */
  private static ServerServiceDefinition copying(ManagedChannel next) {
    io.grpc.Context.Key<Metadata> all = io.grpc.Context.key("all");
    ServerInterceptor remember =
        new ServerInterceptor() {
          @Override
          public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
              ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> to) {
            return io.grpc.Contexts.interceptCall(
                io.grpc.Context.current().withValue(all, headers), call, headers, to);
          }
        };
    ServerServiceDefinition service =
        ServerServiceDefinition.builder(
                io.grpc.ServiceDescriptor.newBuilder(TestMethods.SERVICE)
                    .addMethod(TestMethods.UNARY)
                    .build())
            .addMethod(
                TestMethods.UNARY,
                ServerCalls.asyncUnaryCall(
                    (String request, StreamObserver<String> responses) -> {
                      Metadata copied = new Metadata();
                      copied.merge(all.get());
                      copied.discardAll(
                          Metadata.Key.of("content-type", Metadata.ASCII_STRING_MARSHALLER));
                      ClientCalls.asyncUnaryCall(
                          io.grpc.ClientInterceptors.intercept(
                                  next, MetadataUtils.newAttachHeadersInterceptor(copied))
                              .newCall(TestMethods.UNARY, CallOptions.DEFAULT),
                          request,
                          responses);
                    }))
            .build();
    return ServerInterceptors.intercept(service, remember);
  }

  @Test
  void atTheEdgeAStrangersTagIsGoneEvenIfTheApplicationCopiesHeaders() throws Exception {
    try (GrayHops hops =
        new GrayHops(
            builder -> builder.gray(policy(GrayIngress.EDGE, b -> {})),
            GrayTrustTest::copying,
            server -> {},
            TestTransport.NETTY_SHADED::channel)) {
      assertThat(
              hops.seen(
                  "x-env-tag", "blue", "x-mse-tag", "blue", "baggage", "gray.tag=blue,tenant=acme"))
          .isEqualTo("null|null|tenant=acme");
      assertThat(hops.sum("grpc_gray_rejected_total", "reason", "untrusted")).isEqualTo(1);
      assertThat(hops.sum("grpc_server_started_total", "gray_tag", "baseline")).isEqualTo(1);
    }
  }

  @Test
  void whoIsBelievedAtTheEdgeIsThePoliciesAffair() throws Exception {
    GrayEdge byKey =
        (tag, headers, peer, method) ->
            "secret".equals(headers.get(Metadata.Key.of("k", Metadata.ASCII_STRING_MARSHALLER)))
                && tag.equals("blue")
                && method.getFullMethodName().equals(TestMethods.UNARY.getFullMethodName());
    try (GrayHops hops = new GrayHops(policy(GrayIngress.EDGE, b -> b.edge(byKey)))) {
      assertThat(hops.seen("x-env-tag", "blue", "k", "secret"))
          .isEqualTo("null|blue|gray.tag=blue");
      assertThat(hops.seen("x-env-tag", "blue")).isEqualTo("null|null|null");
    }
  }

  /** One value that is asked about and another that would be taken. */
  @Test
  void whatIsTakenIsWhatTheEdgeWasAskedAbout() throws Exception {
    GrayEdge blueOnly = (tag, headers, peer, method) -> tag.equals("blue");
    try (GrayHops hops = new GrayHops(policy(GrayIngress.EDGE, b -> b.edge(blueOnly)))) {
      assertThat(hops.seen("x-env-tag", "green", "x-env-tag", "blue", "baggage", "gray.tag=green"))
          .isEqualTo("null|null|null");
      assertThat(hops.seen("x-env-tag", "blue")).isEqualTo("null|blue|gray.tag=blue");
    }
  }

  @Test
  void aStrangerDoesNotChooseItsGroupByItsTraceId() throws Exception {
    String parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    try (GrayHops hops =
        new GrayHops(policy(GrayIngress.EDGE, b -> b.deriveGroups("blue:0-9999")))) {
      assertThat(hops.seen("traceparent", parent)).isEqualTo("null|null|null");
      assertThat(hops.seen()).as("a trace that begins here").isEqualTo("null|blue|gray.tag=blue");
    }
  }

  /** More entries than a parser of baggage reads, ours the last. */
  @Test
  void anEntryThatNoParserReachesIsGoneToo() throws Exception {
    StringBuilder baggage = new StringBuilder();
    for (int i = 0; i < 100; i++) {
      baggage.append("k").append(i).append("=v,");
    }
    try (GrayHops hops =
        new GrayHops(
            builder -> builder.gray(policy(GrayIngress.EDGE, b -> {})),
            GrayTrustTest::copying,
            server -> {},
            TestTransport.NETTY_SHADED::channel)) {
      assertThat(hops.seen("baggage", baggage + "gray.tag=blue")).doesNotContain("gray.tag");
    }
  }

  @Test
  void anEdgeThatThrowsBelievesNobody() throws Exception {
    GrayEdge broken =
        (tag, headers, peer, method) -> {
          throw new IllegalStateException("broken");
        };
    try (GrayHops hops = new GrayHops(policy(GrayIngress.EDGE, b -> b.edge(broken)))) {
      assertThat(hops.seen("x-env-tag", "blue")).isEqualTo("null|null|null");
      assertThat(hops.sum("streamgauge_faults_total", "site", "gray.edge")).isEqualTo(1);
    }
  }

  @Test
  void aPeerIsKnownByTheNamesInItsCertificate() throws Exception {
    try (TestTls tls = TestTls.create("dns:gateway.internal", "uri:spiffe://mesh/gateway")) {
      assertThat(overTls(tls, "gateway.internal")).isEqualTo("null|blue|gray.tag=blue");
      assertThat(overTls(tls, "spiffe://mesh/gateway")).isEqualTo("null|blue|gray.tag=blue");
      assertThat(overTls(tls, "internal", "*.internal")).isEqualTo("null|null|null");
    }
  }

  private static String overTls(TestTls tls, String... names) throws Exception {
    GrayPolicy policy = policy(GrayIngress.EDGE, b -> b.edge(GrayEdge.peers(names)));
    try (GrayHops hops =
        new GrayHops(
            builder -> builder.gray(policy),
            TestHop::create,
            tls::use,
            server -> Grpc.newChannelBuilder("localhost:" + server.getPort(), tls.client()))) {
      return hops.seen("x-env-tag", "blue");
    }
  }

  @Test
  void denyTakesNobodys() throws Exception {
    try (GrayHops hops =
        new GrayHops(policy(GrayIngress.DENY, b -> b.edge((t, h, p, m) -> true)))) {
      assertThat(hops.seen("x-env-tag", "blue")).isEqualTo("null|null|null");
      assertThat(hops.sum("grpc_gray_rejected_total", "reason", "untrusted")).isEqualTo(1);
    }
  }

  @Test
  void aTagThatIsNotAllowedFailsItsCallOnlyWhereThatIsWanted() throws Exception {
    try (GrayHops hops =
        new GrayHops(policy(GrayIngress.TRUSTED, b -> b.allow("blue").rejectInvalid(true)))) {
      assertThat(hops.seen("x-env-tag", "blue")).isEqualTo("null|blue|gray.tag=blue");
      TestCall refused = hops.call(GrayHops.headers("x-env-tag", "green"));
      assertThat(refused.awaitEnd().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
      assertThat(refused.awaitEnd().getDescription()).contains("not_allowed");
      assertThat(refused.received()).isZero();
      await()
          .untilAsserted(
              () ->
                  assertThat(hops.sum("grpc_server_handled_total", "grpc_code", "InvalidArgument"))
                      .isEqualTo(1));
      assertThat(hops.sum("grpc_stream_active")).isZero();
    }
  }

  @Test
  void theTagStaysWhereItMay() throws Exception {
    GrayPolicy ours = policy(GrayIngress.TRUSTED, b -> b.propagateTo("localhost:*", "*.internal"));
    GrayPolicy others = policy(GrayIngress.TRUSTED, b -> b.propagateTo("*.internal"));
    try (GrayHops hops = new GrayHops(ours)) {
      assertThat(hops.seen("x-env-tag", "blue")).isEqualTo("null|blue|gray.tag=blue");
      hops.gauge.grayPolicy(others);
      assertThat(hops.seen("x-env-tag", "blue", "baggage", "tenant=acme,gray.tag=blue"))
          .isEqualTo("null|null|tenant=acme");
    }
  }
}
