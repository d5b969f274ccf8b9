package io.streamgauge.internal.tagging;

import io.streamgauge.gray.GrayPolicy;
import io.streamgauge.gray.GrayTag;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * What this package may do with the types that applications use, and applications may not. Each of
 * the two types hands its functions over when the class is initialised.
 */
public final class TagAccess {

  // Each is written once, when GrayTag or GrayPolicy is initialised, and read by any thread after.
  private static volatile BiFunction<String, GrayTag.Source, GrayTag> tags;
  private static volatile Function<GrayTag, String> baggage;
  private static volatile Function<GrayPolicy, TagRules> rules;

  private TagAccess() {}

  /** {@link GrayTag} hands over its constructor and its baggage entry. */
  public static void ofTag(
      BiFunction<String, GrayTag.Source, GrayTag> newTag, Function<GrayTag, String> entry) {
    tags = newTag;
    baggage = entry;
  }

  /** {@link GrayPolicy} hands over its rules. */
  public static void ofPolicy(Function<GrayPolicy, TagRules> rulesOf) {
    rules = rulesOf;
  }

  /** A tag whose value has been checked. */
  public static GrayTag tag(String value, GrayTag.Source source) {
    if (tags == null) {
      GrayTag.parse(""); // initialises the class
    }
    return tags.apply(value, source);
  }

  /** The tag as an entry of a {@code baggage} header; made once, for a tag is sent often. */
  public static String baggageEntry(GrayTag tag) {
    return baggage.apply(tag);
  }

  public static TagRules rules(GrayPolicy policy) {
    return rules.apply(policy);
  }
}
