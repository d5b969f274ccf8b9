/**
 * gRPC's callbacks become counts on the stream's recorder. Knows nothing of metrics or spans; other
 * rooms join a call through the ports {@code HeaderHook} and {@code WireScope}.
 */
package io.streamgauge.wire;
