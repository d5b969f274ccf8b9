/** OpenTelemetry's library instrumentation. */
package io.streamgauge.benchmarks.otel;
