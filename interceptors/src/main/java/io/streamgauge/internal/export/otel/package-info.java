/** The catalogue as OpenTelemetry instruments. Internal: it may change with each commit. */
package io.streamgauge.internal.export.otel;
