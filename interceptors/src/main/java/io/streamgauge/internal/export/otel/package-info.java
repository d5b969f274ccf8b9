/** The catalogue as OpenTelemetry instruments. */
package io.streamgauge.internal.export.otel;
