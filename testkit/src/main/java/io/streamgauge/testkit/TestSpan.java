package io.streamgauge.testkit;

import java.util.Map;

/**
 * A finished span, as far as a suite cares.
 *
 * @param kind {@code CLIENT}, {@code SERVER} or {@code INTERNAL}
 * @param parentSpanId all zeros for a root
 */
public record TestSpan(
    String name,
    String kind,
    String traceId,
    String spanId,
    String parentSpanId,
    boolean error,
    Map<String, Object> attributes) {}
