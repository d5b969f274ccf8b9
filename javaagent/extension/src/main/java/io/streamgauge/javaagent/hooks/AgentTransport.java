package io.streamgauge.javaagent.hooks;

import io.grpc.internal.AbstractStream;
import io.grpc.internal.StatsTraceContext;
import io.opentelemetry.instrumentation.api.util.VirtualField;
import io.streamgauge.spi.BytesHook;
import io.streamgauge.spi.WatchedStreams;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;

/**
 * Bytes framed and not written yet. Deltas from grpc's own arguments, not a read of its balance:
 * that is guarded by a lock, and a read value published by two threads may stay wrong for ever.
 */
public final class AgentTransport {

  private static final VirtualField<AbstractStream.TransportState, BytesHook> BYTES =
      VirtualField.find(AbstractStream.TransportState.class, BytesHook.class);

  private AgentTransport() {}

  /** A transport stream is being made; its tracers are there already. */
  public static void opened(AbstractStream.TransportState state, StatsTraceContext tracers) {
    BytesHook bytes = WatchedStreams.bytesOf(tracers.getTracersForTest());
    if (bytes != null) {
      bytes.bindTransport();
      // Weakly: the bytes are kept on the state, and by a recorder that may outlive it.
      Reference<AbstractStream.TransportState> thread = new WeakReference<>(state);
      bytes.transportThread(task -> run(thread.get(), task));
      BYTES.set(state, bytes);
    }
  }

  private static void run(AbstractStream.TransportState state, Runnable task) {
    if (state != null) {
      state.runOnTransportThread(task);
    }
  }

  /** The framer hands over a frame's worth of bytes. */
  public static void framed(AbstractStream.TransportState state, int framed) {
    BytesHook bytes = BYTES.get(state);
    if (bytes != null) {
      bytes.onFramed(framed);
    }
  }

  /** The transport has written bytes. */
  public static void written(AbstractStream.TransportState state, int written) {
    BytesHook bytes = BYTES.get(state);
    if (bytes != null) {
      bytes.onWritten(written);
    }
  }
}
