package io.streamgauge.console.trace;

/**
 * How much the viewer takes of what it is sent. Any exporter on this machine may send, so each of
 * these is small beside the heap, and large beside what exporters send.
 */
final class TraceLimits {

  /** Bytes of a body, as sent and after decompression; the largest of the Collector's is 4 MiB. */
  static final int MAX_BODY = 16 * 1024 * 1024;

  /** Spans of a request; the Collector's batch processor sends 8,192 by default, SDKs 512. */
  static final int MAX_SPANS = 16_384;

  /**
   * Attributes or links of a span, attributes of an event or a resource; SDKs keep 128 by default.
   */
  static final int MAX_ATTRIBUTES = 1_024;

  /** Levels of arrays in arrays; the specification has attributes with one. */
  static final int MAX_DEPTH = 16;

  /** Bytes of one text; a longer one is cut, and says so. A long stack trace is as large. */
  static final int MAX_TEXT = 16 * 1024;

  /** Bytes of all texts of a span; those beyond are cut. A query answers with whole spans. */
  static final int MAX_SPAN_TEXT = 256 * 1024;

  /** Events of a span that become annotations; zipkin-lens shows no more at once. */
  static final int MAX_EVENTS = 128;

  /**
   * Services told apart. The store looks at each of them when it gives up a trace, and the page
   * lists them all.
   */
  static final int MAX_SERVICES = 1_000;

  /**
   * A span that begins later than this from now is refused: no search finds it, and as the newest
   * it would outlive all others.
   */
  static final long MAX_AHEAD_MICROS = 24L * 60 * 60 * 1_000_000;

  /** Traces that one search answers with, as in Jaeger. */
  static final int MAX_FOUND = 1_500;

  private TraceLimits() {}

  /** No later than the latest span there can be: the store multiplies it by a thousand. */
  static long endMillis(long asked) {
    return Math.min(asked, System.currentTimeMillis() + MAX_AHEAD_MICROS / 1_000);
  }

  /** A part of the heap, and no more than so many bytes. */
  static long ofHeap(int part, long most) {
    return Math.min(most, Runtime.getRuntime().maxMemory() / part);
  }
}
