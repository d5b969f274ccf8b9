package io.streamgauge.gray;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.streamgauge.contract.LibrarySubject;
import io.streamgauge.testkit.fixture.TestHop;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestTransport;
import java.util.HashSet;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which of several sources gives a call its tag, and what is counted as lost on the way. */
class GrayRulesTest {

  private static final String BLUE = "null|blue|gray.tag=blue";
  private static final String NONE = "null|null|null";

  private static GrayHops hops(UnaryOperator<GrayPolicy.Builder> rules) throws Exception {
    return new GrayHops(rules.apply(GrayPolicy.builder()).build());
  }

  @Test
  void theHeaderComesBeforeAliasesAndThoseBeforeBaggage() throws Exception {
    try (GrayHops hops = hops(b -> b.aliases("x-mse-tag", "X-Gray-Tag"))) {
      assertThat(
              hops.seen(
                  "x-env-tag",
                  "blue",
                  "x-mse-tag",
                  "green",
                  "baggage",
                  "gray.tag=blue,tenant=acme"))
          .isEqualTo("null|blue|tenant=acme,gray.tag=blue");
      assertThat(hops.seen("x-gray-tag", "green", "x-mse-tag", "blue")).isEqualTo(BLUE);
      assertThat(hops.seen("baggage", "gray.tag=blue")).isEqualTo(BLUE);
      for (String source : new String[] {"header", "alias", "baggage"}) {
        assertThat(hops.sum("grpc_gray_resolved_total", "source", source)).isEqualTo(1);
      }
    }
  }

  @Test
  void halfATagOnTheWireIsCountedAsLost() throws Exception {
    try (GrayHops hops = hops(b -> b)) {
      hops.seen("baggage", "gray.tag=blue");
      assertThat(hops.sum("grpc_gray_lost_total", "where", "wire_header_missing")).isEqualTo(1);
      hops.seen("x-env-tag", "blue");
      assertThat(hops.sum("grpc_gray_lost_total", "where", "wire_baggage_missing")).isEqualTo(1);
      hops.seen("x-env-tag", "blue", "baggage", "gray.tag=blue");
      assertThat(hops.sum("grpc_gray_lost_total")).isEqualTo(2);
      assertThat(hops.seen("x-env-tag", "blue", "baggage", "gray.tag=green")).isEqualTo(BLUE);
      assertThat(hops.sum("grpc_gray_rejected_total", "reason", "conflict")).isEqualTo(1);
    }
  }

  /** Told when the lane is known: a tag that was lost is missing in its own lane. */
  @Test
  void whatIsLostCountsInTheLaneItBelongsTo() throws Exception {
    try (GrayHops hops = hops(b -> b.allow("blue"))) {
      hops.seen("x-env-tag", "blue");
      assertThat(
              hops.sum("grpc_gray_lost_total", "where", "wire_baggage_missing", "gray_tag", "blue"))
          .isEqualTo(1);
    }
  }

  @Test
  void whatIsInvalidInTheBaggageGoesNoFurtherEither() throws Exception {
    try (GrayHops hops = hops(b -> b)) {
      assertThat(hops.seen("baggage", "gray.tag=not%20a%20tag,tenant=acme"))
          .isEqualTo("null|null|tenant=acme");
      assertThat(hops.sum("grpc_gray_rejected_total", "reason", "charset")).isEqualTo(1);
    }
  }

  /** From a caller without Streamgauge: what Netty lets through arrives as it is. */
  @ParameterizedTest(name = "[{index}] {1}")
  @CsvSource({
    "'bl ue', charset",
    "'灰度', charset",
    "'', length",
    "'abcdefghijklmnopqrstuvwxyz0123456789', length",
    "'invalid', not_allowed"
  })
  void whatIsNoTagIsCountedWithItsReason(String value, String reason) throws Exception {
    try (GrayHops hops = hops(b -> b)) {
      assertThat(hops.seen("x-env-tag", value)).isEqualTo(NONE);
      assertThat(hops.sum("grpc_gray_rejected_total", "reason", reason)).isEqualTo(1);
      assertThat(hops.sum("streamgauge_faults_total")).isZero();
    }
  }

  @Test
  void aHeaderThatSaysTwoThingsSaysNothing() throws Exception {
    try (GrayHops hops = hops(b -> b)) {
      assertThat(hops.seen("x-env-tag", "blue", "x-env-tag", "green")).isEqualTo(NONE);
      assertThat(hops.sum("grpc_gray_rejected_total", "reason", "conflict")).isEqualTo(1);
      // Said twice the same is said once.
      assertThat(hops.seen("x-env-tag", "blue", "x-env-tag", "blue")).isEqualTo(BLUE);
      // Netty drops a header with a line break; nothing arrives that could be wrong.
      assertThat(hops.seen("x-env-tag", "blue\nx: y")).isEqualTo(NONE);
      assertThat(hops.sum("grpc_gray_rejected_total")).isEqualTo(1);
    }
  }

  @Test
  void aRuleComesBeforeTheInstanceAndOnlyWithoutATag() throws Exception {
    try (GrayHops hops =
        hops(
            b ->
                b.rule(
                        (method, headers) ->
                            method.endsWith("/Unary")
                                    && headers.containsKey(
                                        io.grpc.Metadata.Key.of(
                                            "vip", io.grpc.Metadata.ASCII_STRING_MARSHALLER))
                                ? "blue"
                                : null)
                    .instanceTag("green"))) {
      assertThat(hops.seen("vip", "yes")).isEqualTo(BLUE);
      assertThat(hops.seen()).isEqualTo("null|green|gray.tag=green");
      assertThat(hops.seen("vip", "yes", "x-env-tag", "red")).isEqualTo("null|red|gray.tag=red");
      assertThat(hops.sum("grpc_gray_resolved_total", "source", "rule")).isEqualTo(1);
      // Calls that are not green came to a green instance.
      assertThat(hops.sum("grpc_gray_lost_total", "where", "lane_mismatch")).isEqualTo(3);
    }
  }

  @Test
  void anUntaggedCallAtTheEdgeFallsIntoItsGroup() throws Exception {
    try (GrayHops hops =
        hops(
            b ->
                b.ingress(GrayIngress.EDGE)
                    .deriveSalt("rel-1")
                    .deriveGroups("blue:4540-4540")
                    .deriveKeys("x-user-id"))) {
      assertThat(hops.seen("x-user-id", "user-42")).isEqualTo(BLUE);
      assertThat(hops.seen("x-user-id", "user-43")).isEqualTo(NONE);
      assertThat(hops.seen()).isEqualTo(NONE);
      // A stranger does not choose its group by sending a tag.
      assertThat(hops.seen("x-user-id", "user-42", "x-env-tag", "green")).isEqualTo(BLUE);
      assertThat(hops.sum("grpc_gray_resolved_total", "source", "derived")).isEqualTo(2);
    }
  }

  @Test
  void withoutAnotherKeyTheTraceIdDecides() throws Exception {
    String trace = "0af7651916cd43dd8448eb211c80319c";
    try (GrayHops hops =
        hops(
            b ->
                b.derive(GrayDerive.ALWAYS)
                    .deriveSalt("rel-1")
                    .deriveGroups("blue:3463-3463")
                    .deriveKeys("x-user-id", GrayPolicy.TRACE_ID))) {
      assertThat(hops.seen("traceparent", "00-" + trace + "-b7ad6b7169203331-01")).startsWith(BLUE);
      // An invalid trace id is none: the call begins a trace of its own.
      Set<String> seen = new HashSet<>();
      for (int i = 0; i < 20; i++) {
        seen.add(
            hops.seen("traceparent", "00-00000000000000000000000000000000-b7ad6b7169203331-01"));
      }
      assertThat(seen).containsExactly(NONE);
    }
  }

  @Test
  void optingOutAndInnerHopsAreNotDerived() throws Exception {
    try (GrayHops hops = hops(b -> b.deriveGroups("blue:0-9999").deriveKeys("x-user-id"))) {
      assertThat(hops.seen("x-user-id", "user-42")).as("not an edge").isEqualTo(NONE);
      hops.gauge.grayPolicy(hops.gauge.grayPolicy().toBuilder().derive(GrayDerive.ALWAYS).build());
      assertThat(hops.seen("x-user-id", "user-42")).isEqualTo(BLUE);
      assertThat(hops.seen("x-user-id", "user-42", "x-env-tag", "baseline"))
          .isEqualTo("null|baseline|gray.tag=baseline");
    }
  }

  /** Loses both contexts but not the trace, as a hand-written hand-over does. */
  private static ServerServiceDefinition forgetful(ManagedChannel next) {
    return ServerServiceDefinition.builder(
            ServiceDescriptor.newBuilder(TestMethods.SERVICE).addMethod(TestMethods.UNARY).build())
        .addMethod(
            TestMethods.UNARY,
            ServerCalls.asyncUnaryCall(
                (String request, StreamObserver<String> responses) -> {
                  Context kept = Context.root().with(Span.current());
                  io.grpc.Context.ROOT.run(
                      () -> {
                        try (Scope scope = kept.makeCurrent()) {
                          ClientCalls.asyncUnaryCall(
                              next.newCall(TestMethods.UNARY, CallOptions.DEFAULT),
                              request,
                              responses);
                        }
                      });
                }))
        .build();
  }

  @Test
  void aTagThatTheApplicationDropsIsCountedAsLost() throws Exception {
    try (GrayHops hops =
        new GrayHops(
            builder -> {},
            GrayRulesTest::forgetful,
            server -> {},
            TestTransport.NETTY_SHADED::channel)) {
      assertThat(hops.seen()).isEqualTo(NONE);
      assertThat(hops.sum("grpc_gray_lost_total")).isZero();
      assertThat(hops.seen("x-env-tag", "blue", "baggage", "gray.tag=blue")).isEqualTo(NONE);
      assertThat(hops.sum("grpc_gray_lost_total", "where", "in_process")).isEqualTo(1);
    }
  }

  /** What the application says about one call comes before what is current. */
  @Test
  void aCallCanBeTaggedOnItsOwn() throws Exception {
    try (GrayHops hops =
        new GrayHops(
            builder -> {},
            next ->
                TestHop.create(
                    io.grpc.ClientInterceptors.intercept(
                        next,
                        new io.grpc.ClientInterceptor() {
                          @Override
                          public <A, B> io.grpc.ClientCall<A, B> interceptCall(
                              io.grpc.MethodDescriptor<A, B> method,
                              CallOptions options,
                              io.grpc.Channel to) {
                            return to.newCall(
                                method,
                                options.withOption(GrayTags.CALL_OPTION, GrayTag.of("blue")));
                          }
                        })),
            server -> {},
            TestTransport.NETTY_SHADED::channel)) {
      assertThat(hops.seen("x-env-tag", "green", "baggage", "gray.tag=green")).isEqualTo(BLUE);
    }
  }

  @Test
  void manyTagsAreFewLanes() throws Exception {
    String[] ten = "a,b,c,d,e,f,g,h,i,j,k,l".split(",", -1);
    try (GrayHops hops = hops(b -> b.rule((method, headers) -> null))) {
      hops.gauge.grayPolicy(GrayPolicy.builder().allow(ten).build());
      assertThat(hops.gauge.grayPolicy().lanes()).hasSize(10);
      for (String tag : ten) {
        hops.seen("x-env-tag", tag);
      }
      hops.seen();
      // Two of the twelve have no lane of their own.
      assertThat(hops.sum("grpc_server_started_total", "gray_tag", "other")).isEqualTo(2);
      Set<String> lanes = new HashSet<>();
      LibrarySubject.scrape(hops.registry)
          .all()
          .forEach(sample -> lanes.add(sample.labels().getOrDefault("gray_tag", "baseline")));
      assertThat(lanes).hasSize(12);
    }
  }

  @Test
  void rulesThatContradictEachOtherAreRefused() {
    assertThatThrownBy(() -> GrayPolicy.builder().allow("blue").deriveGroups("green:0-9").build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("streamgauge.gray.derive.groups")
        .hasMessageContaining("green");
    assertThatThrownBy(() -> GrayPolicy.builder().allow("blue").instanceTag("green").build())
        .hasMessageContaining("streamgauge.gray.instance-tag");
  }
}
