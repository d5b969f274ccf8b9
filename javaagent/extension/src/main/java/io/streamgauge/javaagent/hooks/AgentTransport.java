package io.streamgauge.javaagent.hooks;

import io.grpc.internal.AbstractStream;
import io.grpc.internal.StatsTraceContext;
import io.opentelemetry.instrumentation.api.util.VirtualField;
import io.streamgauge.stream.StreamBytes;
import io.streamgauge.wire.Wire;

/**
 * Bytes framed and not written yet. Deltas from grpc's own arguments, not a read of its balance:
 * that is guarded by a lock, and a read value published by two threads may stay wrong for ever.
 */
public final class AgentTransport {

  private static final VirtualField<AbstractStream.TransportState, StreamBytes> BYTES =
      VirtualField.find(AbstractStream.TransportState.class, StreamBytes.class);

  private AgentTransport() {}

  /** A transport stream is being made; its tracers are there already. */
  public static void opened(AbstractStream.TransportState state, StatsTraceContext tracers) {
    StreamBytes bytes = Wire.bytes(tracers.getTracersForTest());
    if (bytes != null) {
      bytes.bindTransport();
      bytes.transportThread(state::runOnTransportThread);
      BYTES.set(state, bytes);
    }
  }

  /** The framer hands over a frame's worth of bytes. */
  public static void framed(AbstractStream.TransportState state, int framed) {
    StreamBytes bytes = BYTES.get(state);
    if (bytes != null) {
      bytes.onFramed(framed);
    }
  }

  /** The transport has written bytes. */
  public static void written(AbstractStream.TransportState state, int written) {
    StreamBytes bytes = BYTES.get(state);
    if (bytes != null) {
      bytes.onWritten(written);
    }
  }
}
