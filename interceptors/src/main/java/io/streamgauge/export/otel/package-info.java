/** The catalogue as OpenTelemetry instruments. */
package io.streamgauge.export.otel;
