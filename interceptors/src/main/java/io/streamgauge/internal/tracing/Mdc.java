package io.streamgauge.internal.tracing;

import io.streamgauge.internal.guard.Guard;
import io.streamgauge.logging.LogKeys;
import org.slf4j.MDC;

/** Our keys in SLF4J's MDC: set for a while, then what was there before. */
public final class Mdc {

  private static final String SITE = "mdc";

  private final Guard guard;

  /**
   * Makes it.
   *
   * @throws LinkageError if SLF4J is not there
   */
  public Mdc(Guard guard) {
    this.guard = guard;
    MDC.getMDCAdapter();
  }

  /** Sets all keys, null for none, and returns what they were. */
  Saved set(String trace, String span, String tag) {
    Saved saved = new Saved();
    try {
      saved.trace = MDC.get(LogKeys.TRACE_ID);
      saved.span = MDC.get(LogKeys.SPAN_ID);
      saved.tag = MDC.get(LogKeys.GRAY_TAG);
      saved.request = MDC.get(LogKeys.REQUEST_ID);
      put(LogKeys.TRACE_ID, trace);
      put(LogKeys.SPAN_ID, span);
      put(LogKeys.GRAY_TAG, tag);
      put(LogKeys.REQUEST_ID, RequestMetadata.requestId());
    } catch (Throwable t) {
      guard.swallow(SITE, t);
    }
    return saved;
  }

  void restore(Saved saved) {
    try {
      put(LogKeys.TRACE_ID, saved.trace);
      put(LogKeys.SPAN_ID, saved.span);
      put(LogKeys.GRAY_TAG, saved.tag);
      put(LogKeys.REQUEST_ID, saved.request);
    } catch (Throwable t) {
      guard.swallow(SITE, t);
    }
  }

  private static void put(String key, String value) {
    if (value == null) {
      MDC.remove(key);
    } else {
      MDC.put(key, value);
    }
  }

  static final class Saved {
    private String trace;
    private String span;
    private String tag;
    private String request;
  }
}
