/** What an application registers with the OpenTelemetry SDK. */
package io.streamgauge.otel;
