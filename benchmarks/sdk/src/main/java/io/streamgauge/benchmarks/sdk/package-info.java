/** The OpenTelemetry SDK as every configuration with spans has it. */
package io.streamgauge.benchmarks.sdk;
