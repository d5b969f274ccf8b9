/**
 * OpenTelemetry's contexts of one call, to which tagging and tracing both add. Internal: it may
 * change with each commit.
 */
package io.streamgauge.internal.context;
