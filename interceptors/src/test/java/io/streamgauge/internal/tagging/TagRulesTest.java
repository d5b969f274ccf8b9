package io.streamgauge.internal.tagging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.streamgauge.gray.GrayDerive;
import io.streamgauge.gray.GrayIngress;
import io.streamgauge.gray.GrayPolicy;
import io.streamgauge.gray.GrayTag;
import io.streamgauge.testkit.fixture.UnitTest;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The rules for tags as a value: defaults, copies, what is refused. */
@UnitTest
class TagRulesTest {

  @Test
  void withoutRulesEveryTagIsBelievedAndNoneIsMade() {
    TagRules policy = TagAccess.rules(GrayPolicy.builder().build());

    assertThat(policy.header.name()).isEqualTo("x-env-tag");
    assertThat(policy.aliases).isEmpty();
    assertThat(policy.ingress).isEqualTo(GrayIngress.TRUSTED);
    assertThat(policy.isAllowed("anything")).isTrue();
    assertThat(policy.derives()).isFalse();
    assertThat(policy.instanceTag).isNull();
    assertThat(policy.lanes()).isEmpty();
    assertThat(policy.egress.matches("orders.example.com")).isTrue();
    assertThat(policy.edge.trusts("blue", null, null, null)).as("the default edge").isFalse();
  }

  @Test
  void anAllowListAllowsItsTagsAndToOptOut() {
    TagRules policy = TagAccess.rules(GrayPolicy.builder().allow("blue", "green").build());

    assertThat(policy.isAllowed("blue")).isTrue();
    assertThat(policy.isAllowed("Blue")).isFalse();
    assertThat(policy.isAllowed("red")).isFalse();
    assertThat(policy.isAllowed("baseline")).isTrue();
  }

  @Test
  void lanesAreTheFirstAllowedTagsWithoutBaseline() {
    TagRules policy =
        TagAccess.rules(GrayPolicy.builder().allow("c", "baseline", "a", "b").maxTags(2).build());

    assertThat(policy.lanes()).containsExactly("c", "a");
  }

  @ParameterizedTest
  @CsvSource({
    "EDGE, EDGE, true",
    "EDGE, TRUSTED, false",
    "EDGE, DENY, false",
    "ALWAYS, TRUSTED, true",
    "ALWAYS, DENY, true",
    "NEVER, EDGE, false"
  })
  void groupsAreDerivedWhereTheRulesSay(GrayDerive derive, GrayIngress ingress, boolean derives) {
    GrayPolicy.Builder rules = GrayPolicy.builder().derive(derive).ingress(ingress);

    assertThat(TagAccess.rules(rules.build()).derives()).as("no groups").isFalse();
    assertThat(TagAccess.rules(rules.deriveGroups("blue:0-9").build()).derives())
        .isEqualTo(derives);
  }

  /** A policy is swapped as a whole; what it was made from may be changed for the next one. */
  @Test
  void aPolicyDoesNotChangeWithItsBuilder() {
    GrayPolicy.Builder builder = GrayPolicy.builder().allow("blue");
    GrayPolicy blue = builder.build();
    TagRules first = TagAccess.rules(blue);
    TagRules second = TagAccess.rules(builder.allow("green").build());
    TagRules third = TagAccess.rules(blue.toBuilder().instanceTag("blue").build());

    assertThat(first.isAllowed("green")).isFalse();
    assertThat(second.isAllowed("green")).isTrue();
    assertThat(first.instanceTag).isNull();
    assertThat(third.instanceTag.value()).isEqualTo("blue");
    assertThat(third.instanceTag.source()).isEqualTo(GrayTag.Source.INSTANCE);
    assertThat(third.isAllowed("green")).isFalse();
  }

  @Test
  void headersAreLowerCase() {
    TagRules policy =
        TagAccess.rules(
            GrayPolicy.builder()
                .header("X-Lane")
                .aliases("X-MSE-Tag")
                .deriveKeys("X-User")
                .build());

    assertThat(policy.header.name()).isEqualTo("x-lane");
    assertThat(policy.aliases.get(0).name()).isEqualTo("x-mse-tag");
    assertThat(policy.deriveKeys).containsExactly("x-user");
    assertThat(policy.key("x-user").name()).isEqualTo("x-user");
  }

  private static Stream<Named<UnaryOperator<GrayPolicy.Builder>>> refused() {
    return Stream.of(
        Named.of("a tag that is none", rules -> rules.allow("not a tag")),
        Named.of("a reserved tag", rules -> rules.allow("other")),
        Named.of("an instance tag that is none", rules -> rules.instanceTag("not a tag")),
        Named.of("a header that is none", rules -> rules.header("not a header")),
        Named.of("an alias that is binary", rules -> rules.aliases("x-tag-bin")),
        Named.of("no tags at all", rules -> rules.maxTags(0)),
        Named.of("too many tags", rules -> rules.maxTags(11)),
        Named.of("groups that overlap", rules -> rules.deriveGroups("a:0-9,b:9-20")),
        Named.of("a group that is not allowed", rules -> rules.allow("a").deriveGroups("b:0-9")),
        Named.of("an instance that is not allowed", rules -> rules.allow("a").instanceTag("b")));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void whatIsWrongIsRefusedWhenThePolicyIsMade(UnaryOperator<GrayPolicy.Builder> rules) {
    assertThatThrownBy(() -> rules.apply(GrayPolicy.builder()).build())
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "orders.example.com, orders.example.com, true",
    "orders.example.com, ORDERS.Example.com, true",
    "orders.example.com, ordersXexample.com, false",
    "*.example.com, orders.example.com, true",
    "*.example.com, example.com, false",
    "*.example.com, orders.example.com.evil.org, false",
    "orders-*, orders-eu:443, true",
    "*orders*, eu-orders-1, true",
    "*, anything, true",
    "orders.example.com, , false"
  })
  void aStarStandsForAnyPartOfAName(String glob, String name, boolean matches) {
    assertThat(Globs.of(List.of(glob)).matches(name)).isEqualTo(matches);
    assertThat(Globs.of(List.of("nothing", glob)).matches(name))
        .as("one of several")
        .isEqualTo(matches);
  }

  @Test
  void noGlobsMatchEverything() {
    assertThat(Globs.of(List.of()).matches(null)).isTrue();
  }
}
