/** The way to the OpenTelemetry SDK. Internal: it may change with each commit. */
package io.streamgauge.internal.config.sdk;
