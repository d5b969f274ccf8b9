package io.streamgauge.internal.tagging;

import io.opentelemetry.api.baggage.Baggage;
import io.streamgauge.gray.GrayTag;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * A tag that has come in lately, found by the bytes of its header: a process serves calls of a few
 * tags, and each value is checked and made into objects once. A value may push another one out;
 * that one is made again.
 */
public final class KnownTag {

  private static final int PLACES = 64;

  /** Any thread that serves calls writes; what is there never changes, so any one will do. */
  private static final AtomicReferenceArray<KnownTag> PLACE = new AtomicReferenceArray<>(PLACES);

  private static final byte[] NAME = TagContext.BAGGAGE_ENTRY.getBytes(StandardCharsets.US_ASCII);

  /** The tag as one that came in the header. */
  final GrayTag tag;

  private final Baggage baggage;

  private final byte[] bytes;

  private KnownTag(String value, byte[] bytes) {
    this.tag = TagAccess.tag(value, GrayTag.Source.HEADER);
    this.baggage = Baggage.builder().put(TagContext.BAGGAGE_KEY, value).build();
    this.bytes = bytes;
  }

  /** A baggage with the tag alone. */
  public Baggage baggage() {
    return baggage;
  }

  /** Whether the header of that value says this tag. */
  boolean is(byte[] header) {
    return is(header, 0);
  }

  /** The tag of a baggage header that has nothing but a tag; null for any other. */
  static KnownTag inBaggage(byte[] header) {
    if (header.length <= NAME.length) {
      return null;
    }
    for (int i = 0; i < NAME.length; i++) {
      if (header[i] != NAME[i]) {
        return null;
      }
    }
    return find(header, NAME.length);
  }

  private static KnownTag find(byte[] text, int from) {
    int length = text.length - from;
    if (length < 1 || length > GrayTag.MAX_LENGTH) {
      return null;
    }
    int hash = length;
    for (int i = from; i < text.length; i++) {
      hash = 31 * hash + text[i];
    }
    int place = (hash ^ hash >>> 6 ^ hash >>> 12) & (PLACES - 1);
    KnownTag known = PLACE.get(place);
    if (known != null && known.is(text, from)) {
      return known;
    }
    String value = new String(text, from, length, StandardCharsets.ISO_8859_1);
    if (TagSyntax.problem(value) != null) {
      return null;
    }
    KnownTag made = new KnownTag(value, Arrays.copyOfRange(text, from, text.length));
    PLACE.lazySet(place, made);
    return made;
  }

  private boolean is(byte[] text, int from) {
    if (bytes.length != text.length - from) {
      return false;
    }
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] != text[from + i]) {
        return false;
      }
    }
    return true;
  }
}
