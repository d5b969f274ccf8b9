package io.streamgauge.logging;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** The keys of log lines and of SLF4J's MDC. */
public final class LogKeys {

  /** 32 hex digits of the current trace; absent without one. */
  public static final String TRACE_ID = "trace_id";

  /** 16 hex digits of the current span; absent without one. */
  public static final String SPAN_ID = "span_id";

  /** The gray tag of the call or message; absent without one. */
  public static final String GRAY_TAG = "gray_tag";

  /** The caller's {@code x-request-id}, where a call brings one and no trace; else absent. */
  public static final String REQUEST_ID = "request_id";

  static final List<String> ALL =
      Collections.unmodifiableList(Arrays.asList(TRACE_ID, SPAN_ID, GRAY_TAG, REQUEST_ID));

  private LogKeys() {}
}
