package io.streamgauge.gray;

import io.streamgauge.internal.tagging.TagAccess;
import io.streamgauge.internal.tagging.TagContext;
import io.streamgauge.internal.tagging.TagSyntax;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * The gray (canary) tag of a call or of one message: 1 to {@value #MAX_LENGTH} letters, digits,
 * dots, underscores and hyphens, the first a letter or digit. Case matters. Immutable.
 */
public final class GrayTag {

  /** Longest value, characters. */
  public static final int MAX_LENGTH = 32;

  /** The value that opts out: such a call is in no group, and none is derived for it. */
  public static final String BASELINE = "baseline";

  static {
    TagAccess.ofTag(
        GrayTag::new,
        GrayTag::bytes,
        GrayTag::baggage,
        tag -> tag.shared,
        (tag, kept) -> tag.shared = kept);
  }

  private final String value;
  private final Source source;

  // As headers have them. Made when first asked for; two threads may both make them. Volatile, for
  // another thread must see what is in an array with the array.

  private volatile byte[] bytes;
  private volatile byte[] baggage;

  /** What calls with this tag share; volatile, for its fields are not final. */
  private volatile Object shared;

  private GrayTag(String value, Source source) {
    this.value = value;
    this.source = source;
  }

  /** Where a tag came from. */
  public enum Source {
    /** The application said so. */
    EXPLICIT,
    /** The header. */
    HEADER,
    /** One of the other headers that are understood. */
    ALIAS,
    /** W3C baggage. */
    BAGGAGE,
    /** A rule on method or metadata. */
    RULE,
    /** This instance colours everything that passes. */
    INSTANCE,
    /** The caller's key fell into a group's range. */
    DERIVED,
    /** The message carried it. */
    MESSAGE;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** Value of the metric label {@code source}. */
    public String label() {
      return label;
    }
  }

  /**
   * A tag the application gives.
   *
   * @throws IllegalArgumentException if the value is not a tag
   */
  public static GrayTag of(String value) {
    String problem = TagSyntax.problem(value);
    if (problem != null) {
      throw new IllegalArgumentException("not a gray tag (" + problem + "): " + value);
    }
    return new GrayTag(value, Source.EXPLICIT);
  }

  /** The tag, or empty for what is none. */
  public static Optional<GrayTag> parse(String raw) {
    return TagSyntax.problem(raw) == null
        ? Optional.of(new GrayTag(raw, Source.EXPLICIT))
        : Optional.empty();
  }

  public String value() {
    return value;
  }

  public Source source() {
    return source;
  }

  private byte[] bytes() {
    byte[] made = bytes;
    if (made == null) {
      made = value.getBytes(StandardCharsets.US_ASCII);
      bytes = made;
    }
    return made;
  }

  private byte[] baggage() {
    byte[] made = baggage;
    if (made == null) {
      made = (TagContext.BAGGAGE_ENTRY + value).getBytes(StandardCharsets.US_ASCII);
      baggage = made;
    }
    return made;
  }

  /** Tags are equal if their values are, wherever they came from. */
  @Override
  public boolean equals(Object other) {
    return other instanceof GrayTag && ((GrayTag) other).value.equals(value);
  }

  @Override
  public int hashCode() {
    return Objects.hashCode(value);
  }

  @Override
  public String toString() {
    return value;
  }
}
