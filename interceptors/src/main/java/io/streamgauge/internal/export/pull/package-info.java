/**
 * Histograms that the OpenTelemetry SDK takes when it collects. Knows the SDK, and nothing of a
 * gauge: under the agent it lives beside the SDK. Internal: it may change with each commit.
 */
package io.streamgauge.internal.export.pull;
