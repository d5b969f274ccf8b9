package io.streamgauge.internal.tagging;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Metadata;
import io.streamgauge.CallSide;
import io.streamgauge.Timing;
import io.streamgauge.gray.GrayDerive;
import io.streamgauge.gray.GrayIngress;
import io.streamgauge.gray.GrayPolicy;
import io.streamgauge.gray.GrayRule;
import io.streamgauge.gray.GrayTag;
import io.streamgauge.internal.guard.Guard;
import io.streamgauge.internal.stream.LaneEvent;
import io.streamgauge.internal.stream.StreamEnvironment;
import io.streamgauge.internal.stream.StreamListener;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.stream.TestStreams;
import io.streamgauge.internal.stream.TestTrace;
import io.streamgauge.testkit.fixture.UnitTest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which tag a call or a message has by the rules alone, without a call. */
@UnitTest
class TagResolverTest {

  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";

  private final Guard guard = new Guard();
  private final List<String> told = new ArrayList<>();
  private final StreamEnvironment env =
      new StreamEnvironment(
          guard,
          () -> 0,
          new StreamListener() {
            @Override
            public void laneEvent(StreamRecorder stream, LaneEvent event, String detail) {
              told.add(event + " " + detail);
            }
          },
          Timing.OFF);
  private final Metadata headers = new Metadata();
  private StreamRecorder stream = open(CallSide.SERVER);

  private StreamRecorder open(CallSide side) {
    StreamRecorder opened = new StreamRecorder(side, env);
    opened.claim(TestStreams.BIDI);
    opened.start(null);
    return opened;
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  private GrayTag inbound(GrayPolicy policy) {
    return new TagResolver(guard, policy)
        .inbound(TagAccess.rules(policy), stream, headers, null, TagBaggage.only(headers));
  }

  // ---- a call --------------------------------------------------------------------------------

  @Test
  void aCallThatBringsNothingHasNoTag() {
    assertThat(inbound(GrayPolicy.builder().build())).isNull();
    assertThat(told).isEmpty();
  }

  @Test
  void theTagOfATrustedCallIsTheHeaders() {
    headers.put(key("x-env-tag"), "blue");
    headers.put(TagBaggage.HEADER, "gray.tag=blue");
    GrayTag tag = inbound(GrayPolicy.builder().build());

    assertThat(tag.value()).isEqualTo("blue");
    assertThat(tag.source()).isEqualTo(GrayTag.Source.HEADER);
    assertThat(told).isEmpty();
  }

  @Test
  void whereNoCallerIsBelievedTheTagIsTakenOutAndCounted() {
    headers.put(key("x-env-tag"), "blue");
    headers.put(key("x-alias"), "blue");
    headers.put(TagBaggage.HEADER, "gray.tag=blue,tenant=acme");
    GrayTag tag =
        inbound(GrayPolicy.builder().ingress(GrayIngress.DENY).aliases("x-alias").build());

    assertThat(tag).isNull();
    assertThat(told).containsExactly("REJECTED untrusted");
    assertThat(headers.keys()).containsExactly("baggage");
    assertThat(headers.get(TagBaggage.HEADER)).isEqualTo("tenant=acme");
  }

  @Test
  void anInvalidTagRejectsTheCallWhereItsOwnerAskedForThat() {
    headers.put(key("x-env-tag"), "not a tag");
    inbound(GrayPolicy.builder().build());
    assertThat(CallTag.of(stream).refusal).isNull();
    inbound(GrayPolicy.builder().rejectInvalid(true).build());

    assertThat(CallTag.of(stream).refusal).isEqualTo("gray tag refused: charset");
  }

  @Test
  void aRuleThatThrowsOrIsWrongTagsNothing() {
    GrayRule broken =
        (method, with) -> {
          throw new IllegalStateException("the user's");
        };
    assertThat(inbound(GrayPolicy.builder().rule(broken).build())).isNull();
    assertThat(guard.faults("gray.rule")).isEqualTo(1);
    assertThat(inbound(GrayPolicy.builder().rule((method, with) -> "not a tag").build())).isNull();

    assertThat(told).containsExactly("REJECTED charset");
  }

  @Test
  void aRuleIsAskedByMethod() {
    List<String> asked = new ArrayList<>();
    GrayPolicy policy =
        GrayPolicy.builder()
            .rule(
                (method, with) -> {
                  asked.add(method);
                  return "blue";
                })
            .build();

    assertThat(inbound(policy).source()).isEqualTo(GrayTag.Source.RULE);
    assertThat(asked).containsExactly(TestStreams.BIDI.fullName());
  }

  // ---- derived -------------------------------------------------------------------------------

  private static GrayPolicy.Builder everybody() {
    return GrayPolicy.builder()
        .derive(GrayDerive.ALWAYS)
        .deriveGroups("blue:0-9999")
        .deriveKeys("x-user", GrayPolicy.TRACE_ID);
  }

  @Test
  void aGroupIsDerivedFromTheFirstKeyThatIsThere() {
    GrayPolicy half =
        everybody().deriveSalt("rel-1").deriveGroups("blue:4540-4540,green:3463-3463").build();
    assertThat(TagResolver.derived(TagAccess.rules(half), stream, headers)).as("no key").isNull();
    TestTrace.of(stream, TRACE, "b7ad6b7169203331", true);
    assertThat(TagResolver.derived(TagAccess.rules(half), stream, headers)).hasToString("green");
    headers.put(key("x-user"), "user-42");
    GrayTag tag = TagResolver.derived(TagAccess.rules(half), stream, headers);

    assertThat(tag).hasToString("blue");
    assertThat(tag.source()).isEqualTo(GrayTag.Source.DERIVED);
  }

  @Test
  void aKeyThatIsEmptyOrTooLongIsNone() {
    headers.put(key("x-user"), "");
    assertThat(TagResolver.derived(TagAccess.rules(everybody().build()), stream, headers)).isNull();
    headers.discardAll(key("x-user"));
    headers.put(key("x-user"), "x".repeat(257));
    assertThat(TagResolver.derived(TagAccess.rules(everybody().build()), stream, headers)).isNull();
    headers.discardAll(key("x-user"));
    headers.put(key("x-user"), "x".repeat(256));

    assertThat(TagResolver.derived(TagAccess.rules(everybody().build()), stream, headers))
        .isNotNull();
  }

  /** A caller that chooses the trace id would choose its group. */
  @Test
  void atTheEdgeATraceIdThatTheCallerSentIsNoKey() {
    GrayPolicy edge = everybody().ingress(GrayIngress.EDGE).build();
    TestTrace.of(stream, TRACE, "b7ad6b7169203331", true);
    assertThat(TagResolver.derived(TagAccess.rules(edge), stream, headers))
        .as("began here")
        .isNotNull();
    for (String header : List.of("traceparent", "b3", "x-b3-traceid")) {
      headers.put(key(header), "00-" + TRACE + "-b7ad6b7169203331-01");
      assertThat(TagResolver.derived(TagAccess.rules(edge), stream, headers)).as(header).isNull();
      assertThat(TagResolver.derived(TagAccess.rules(everybody().build()), stream, headers))
          .as("trusted")
          .isNotNull();
      headers.discardAll(key(header));
    }
  }

  // ---- a message -----------------------------------------------------------------------------

  private GrayTag message(GrayPolicy policy, Map<String, String> carried) {
    return new TagResolver(guard, policy).message(stream, carried);
  }

  @Test
  void aMessagesTagIsItsOwnHeaderElseItsBaggage() {
    GrayPolicy policy = GrayPolicy.builder().build();
    GrayTag tag =
        message(policy, Map.of("x-env-tag", "blue", "baggage", "gray.tag=green,tenant=acme"));

    assertThat(tag).hasToString("blue");
    assertThat(tag.source()).isEqualTo(GrayTag.Source.MESSAGE);
    assertThat(message(policy, Map.of("baggage", "gray.tag=green"))).hasToString("green");
    assertThat(message(policy, Map.of("baggage", "tenant=acme"))).isNull();
    assertThat(told).isEmpty();
  }

  @Test
  void aMessageThatIsNotBelievedHasNoTagAndNeverEndsItsStream() {
    GrayPolicy strict = GrayPolicy.builder().allow("blue").rejectInvalid(true).build();
    assertThat(message(strict, Map.of("x-env-tag", "not a tag"))).isNull();
    assertThat(message(strict, Map.of("x-env-tag", "red"))).isNull();
    assertThat(
            message(
                strict.toBuilder().ingress(GrayIngress.EDGE).edge((t, h, p, m) -> true).build(),
                Map.of("x-env-tag", "blue")))
        .as("the edge is asked about calls only")
        .isNull();

    assertThat(told)
        .containsExactly("REJECTED charset", "REJECTED not_allowed", "REJECTED untrusted");
    assertThat(CallTag.of(stream).refusal).isNull();
  }

  @Test
  void aClientBelievesPeersThatItSendsTagsTo() {
    stream = open(CallSide.CLIENT);
    GrayPolicy edge = GrayPolicy.builder().ingress(GrayIngress.DENY).build();
    assertThat(message(edge, Map.of("x-env-tag", "blue"))).hasToString("blue");
    CallTag.made(stream).keepsTag = true;

    assertThat(message(edge, Map.of("x-env-tag", "blue"))).isNull();
  }

  @Test
  void aMessageMayFallIntoAGroupByAKeyOfItsOwn() {
    GrayPolicy policy = everybody().build();
    assertThat(message(policy, Map.of("x-user", "user-42")).source())
        .isEqualTo(GrayTag.Source.DERIVED);
    assertThat(message(policy, Map.of())).as("no trace id of its own").isNull();
    CallTag.made(stream).tag = TagAccess.tag("green", GrayTag.Source.DERIVED);
    assertThat(message(policy, Map.of("x-user", "user-42"))).hasToString("blue");
    CallTag.made(stream).tag = TagAccess.tag("green", GrayTag.Source.HEADER);
    assertThat(message(policy, Map.of("x-user", "user-42"))).as("the call was tagged").isNull();
    stream = open(CallSide.CLIENT);

    assertThat(message(policy, Map.of("x-user", "user-42"))).as("responses are not").isNull();
  }

  @Test
  void aTagIsCarriedWhereItIsFound() {
    TagResolver resolver = new TagResolver(guard, GrayPolicy.builder().header("x-lane").build());
    Map<String, String> values = new HashMap<>();
    resolver.carry(GrayTag.of("blue"), values);

    assertThat(values).isEqualTo(Map.of("x-lane", "blue"));
    assertThat(resolver.header()).isEqualTo("x-lane");
    assertThat(resolver.message(stream, values)).hasToString("blue");
    assertThat(TagResolver.withoutTag("gray.tag=blue")).isNull();
  }
}
