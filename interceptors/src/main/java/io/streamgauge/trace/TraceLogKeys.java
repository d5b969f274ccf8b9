package io.streamgauge.trace;

import io.streamgauge.internal.guard.Guard;
import org.slf4j.MDC;

/** Our keys in SLF4J's MDC: set for a while, then what was there before. */
public final class TraceLogKeys {

  private static final String SITE = "mdc";

  private final Guard guard;

  /**
   * Makes it.
   *
   * @throws LinkageError if SLF4J is not there
   */
  public TraceLogKeys(Guard guard) {
    this.guard = guard;
    MDC.getMDCAdapter();
  }

  /** Sets all keys, null for none, and returns what they were. */
  Saved set(String trace, String span, String tag) {
    Saved saved = new Saved();
    try {
      saved.trace = MDC.get(TraceNames.LOG_TRACE);
      saved.span = MDC.get(TraceNames.LOG_SPAN);
      saved.tag = MDC.get(TraceNames.LOG_TAG);
      saved.request = MDC.get(TraceNames.LOG_REQUEST);
      put(TraceNames.LOG_TRACE, trace);
      put(TraceNames.LOG_SPAN, span);
      put(TraceNames.LOG_TAG, tag);
      put(TraceNames.LOG_REQUEST, TraceMetadata.requestId());
    } catch (Throwable t) {
      guard.swallow(SITE, t);
    }
    return saved;
  }

  void restore(Saved saved) {
    try {
      put(TraceNames.LOG_TRACE, saved.trace);
      put(TraceNames.LOG_SPAN, saved.span);
      put(TraceNames.LOG_TAG, saved.tag);
      put(TraceNames.LOG_REQUEST, saved.request);
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
