package io.streamgauge.internal.tagging;

import io.grpc.Metadata;
import io.opentelemetry.api.baggage.Baggage;
import io.opentelemetry.api.baggage.propagation.W3CBaggagePropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.streamgauge.gray.GrayTag;
import io.streamgauge.internal.grpc.HeaderBytes;
import io.streamgauge.internal.guard.CallPath;
import java.util.Collections;

/**
 * Our entry in the {@code baggage} header, read and written beside whatever else is in there (W3C
 * Baggage). A tag needs no escaping.
 */
public final class TagBaggage {

  static final Metadata.Key<String> HEADER =
      Metadata.Key.of("baggage", Metadata.ASCII_STRING_MARSHALLER);

  private static final TextMapGetter<String> GETTER =
      new TextMapGetter<String>() {
        @Override
        public Iterable<String> keys(String header) {
          return Collections.singletonList("baggage");
        }

        @Override
        public String get(String header, String key) {
          return key.equals("baggage") ? header : null;
        }
      };

  private TagBaggage() {}

  static final Metadata.Key<byte[]> BYTES = HeaderBytes.key("baggage");

  /** The tag of headers whose baggage has nothing but a tag in it; null for any other. */
  @CallPath
  public static KnownTag only(Metadata headers) {
    byte[] header = HeaderBytes.only(headers, BYTES);
    return header == null ? null : KnownTag.inBaggage(header);
  }

  /** The entry's raw value in the headers; null if there is none. */
  public static String read(Metadata headers) {
    Iterable<String> all = headers.getAll(HEADER);
    if (all == null) {
      return null;
    }
    for (String header : all) {
      String value = read(header);
      if (value != null) {
        return value;
      }
    }
    return null;
  }

  /** The entry's raw value in one header; null if there is none. */
  public static String read(String header) {
    if (header == null || !header.contains(TagContext.BAGGAGE_KEY)) {
      return null;
    }
    if (header.startsWith(TagContext.BAGGAGE_ENTRY)) {
      String value = header.substring(TagContext.BAGGAGE_ENTRY.length());
      if (TagSyntax.problem(value) == null) {
        // Nothing else in there, which is what we write where the application has no baggage.
        return value;
      }
    }
    Context read = W3CBaggagePropagator.getInstance().extract(Context.root(), header, GETTER);
    return Baggage.fromContext(read).getEntryValue(TagContext.BAGGAGE_KEY);
  }

  /** Takes the entry out of the header; leaves the others as they are. */
  static void remove(Metadata headers) {
    Iterable<String> all = headers.getAll(HEADER);
    if (all == null) {
      return;
    }
    for (String header : all) {
      if (header.contains(TagContext.BAGGAGE_KEY)) {
        put(headers, others(headers));
        return;
      }
    }
  }

  /** A {@code baggage} value without our entry; null if nothing is left. */
  static String without(String header) {
    StringBuilder kept = new StringBuilder();
    others(header, kept);
    return kept.length() == 0 ? null : kept.toString();
  }

  /**
   * Makes the header say this tag, once.
   *
   * @param none whether there is no such header
   */
  static void write(Metadata headers, GrayTag tag, boolean none) {
    boolean some = !none && headers.containsKey(HEADER);
    String others = some ? others(headers) : "";
    if (others.isEmpty()) {
      if (some) {
        headers.discardAll(HEADER);
      }
      headers.put(BYTES, TagAccess.baggageEntry(tag));
    } else {
      put(headers, others + "," + TagContext.BAGGAGE_ENTRY + tag.value());
    }
  }

  private static void put(Metadata headers, String value) {
    headers.discardAll(HEADER);
    if (!value.isEmpty()) {
      headers.put(HEADER, value);
    }
  }

  private static String others(Metadata headers) {
    StringBuilder kept = new StringBuilder();
    for (String header : headers.getAll(HEADER)) {
      others(header, kept);
    }
    return kept.toString();
  }

  private static void others(String header, StringBuilder kept) {
    for (String entry : header.split(",", -1)) {
      if (!isOurs(entry) && !entry.trim().isEmpty()) {
        kept.append(kept.length() == 0 ? "" : ",").append(entry.trim());
      }
    }
  }

  private static boolean isOurs(String entry) {
    int equals = entry.indexOf('=');
    return equals > 0 && entry.substring(0, equals).trim().equals(TagContext.BAGGAGE_KEY);
  }
}
