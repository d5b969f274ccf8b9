/**
 * gRPC's callbacks become counts on the stream's recorder. Knows nothing of metrics or spans; other
 * packages join a call through the ports {@code HeaderPort}, {@code ScopePort} and {@code
 * MessagePort}. Internal: it may change with each commit.
 */
package io.streamgauge.internal.grpc;
