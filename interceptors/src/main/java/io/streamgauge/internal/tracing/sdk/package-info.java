/**
 * Spans of calls, made without the builder of the OpenTelemetry SDK where that SDK is the provider.
 * Nothing else that a call needs knows a class of the SDK. Internal: it may change with each
 * commit.
 */
package io.streamgauge.internal.tracing.sdk;
