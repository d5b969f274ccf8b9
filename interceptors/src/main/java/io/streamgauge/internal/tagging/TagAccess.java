package io.streamgauge.internal.tagging;

import io.streamgauge.gray.GrayPolicy;
import io.streamgauge.gray.GrayTag;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * What this package may do with the types that applications use, and applications may not. Each of
 * the two types hands its functions over when the class is initialised.
 */
public final class TagAccess {

  // Each is written once, when GrayTag or GrayPolicy is initialised, and read by any thread after.
  private static volatile BiFunction<String, GrayTag.Source, GrayTag> tags;
  private static volatile Function<GrayTag, byte[]> header;
  private static volatile Function<GrayTag, byte[]> baggage;
  private static volatile Function<GrayTag, Object> slots;
  private static volatile BiConsumer<GrayTag, Object> keepers;
  private static volatile Function<GrayPolicy, TagRules> rules;

  private TagAccess() {}

  /**
   * {@link GrayTag} hands over its constructor, its value and baggage entry as bytes, and a place
   * for what calls with this tag share.
   */
  public static void ofTag(
      BiFunction<String, GrayTag.Source, GrayTag> newTag,
      Function<GrayTag, byte[]> bytes,
      Function<GrayTag, byte[]> entry,
      Function<GrayTag, Object> slot,
      BiConsumer<GrayTag, Object> keeper) {
    slots = slot;
    keepers = keeper;
    tags = newTag;
    header = bytes;
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

  /** The value as a header has it; not to be changed, for a tag is sent often. */
  static byte[] bytes(GrayTag tag) {
    return header.apply(tag);
  }

  /** What calls share that have this tag, and nothing else; two threads may both make it. */
  static CallTag shared(GrayTag tag) {
    CallTag known = (CallTag) slots.apply(tag);
    if (known == null) {
      known = CallTag.shared(tag);
      keepers.accept(tag, known);
    }
    return known;
  }

  /** The tag as an entry of a {@code baggage} header; not to be changed. */
  static byte[] baggageEntry(GrayTag tag) {
    return baggage.apply(tag);
  }

  public static TagRules rules(GrayPolicy policy) {
    return rules.apply(policy);
  }
}
