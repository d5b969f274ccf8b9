/** OpenTelemetry's contexts of one call, to which tagging and tracing both add. */
package io.streamgauge.internal.context;
