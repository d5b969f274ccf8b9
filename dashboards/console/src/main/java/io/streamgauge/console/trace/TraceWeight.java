package io.streamgauge.console.trace;

import java.util.List;
import java.util.Map;
import zipkin2.Annotation;
import zipkin2.Span;

/**
 * About how many bytes of memory a span takes in the store, its place in the indexes included. It
 * is a little more than was measured on JDK 17 without compressed references: 1,380 for a span with
 * a trace, a time and a name of its own, 140 to 190 for a tag, 100 for an annotation.
 */
final class TraceWeight {

  /** With a trace and a time of its own. */
  static final int SPAN = 1_400;

  static final int TAG = 200;
  static final int ANNOTATION = 150;

  private TraceWeight() {}

  static long of(List<Span> spans) {
    long weight = 0;
    for (Span span : spans) {
      weight += of(span);
    }
    return weight;
  }

  static long of(Span span) {
    // The name is in the index of names as well.
    long weight = SPAN + 2 * text(span.name()) + text(span.localServiceName());
    for (Map.Entry<String, String> tag : span.tags().entrySet()) {
      weight += TAG + text(tag.getKey()) + text(tag.getValue());
    }
    for (Annotation annotation : span.annotations()) {
      weight += ANNOTATION + text(annotation.value());
    }
    return weight;
  }

  /** Two bytes for each character, as Java 8 keeps it; later ones need one for most. */
  static long text(String text) {
    return text == null ? 0 : 2L * text.length();
  }
}
