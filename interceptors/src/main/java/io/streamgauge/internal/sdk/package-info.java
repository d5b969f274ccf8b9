/** What the OpenTelemetry SDK does not show. Internal: it may change with each commit. */
package io.streamgauge.internal.sdk;
