package io.streamgauge.javaagent.hooks;

import io.grpc.internal.MessageDeframer;
import io.grpc.internal.ReadableBuffer;
import io.grpc.internal.StatsTraceContext;
import io.opentelemetry.instrumentation.api.util.VirtualField;
import io.streamgauge.spi.BytesHook;
import io.streamgauge.spi.WatchedStreams;

/** Bytes that have arrived and were not asked for, told by the one thread a deframer runs on. */
public final class AgentDeframer {

  private static final VirtualField<MessageDeframer, BytesHook> BYTES =
      VirtualField.find(MessageDeframer.class, BytesHook.class);

  private AgentDeframer() {}

  /** A deframer is being made for the stream these tracers belong to. */
  public static void opened(MessageDeframer deframer, StatsTraceContext tracers) {
    BytesHook bytes = WatchedStreams.bytesOf(tracers.getTracersForTest());
    if (bytes != null) {
      bytes.unread(0);
      BYTES.set(deframer, bytes);
    }
  }

  /**
   * Bytes came in or were taken out.
   *
   * @param unprocessed null once closed, and with full-stream compression, whose bytes are not ours
   *     to count
   */
  public static void moved(MessageDeframer deframer, ReadableBuffer unprocessed) {
    BytesHook bytes = BYTES.get(deframer);
    if (bytes != null) {
      bytes.unread(unprocessed == null ? 0 : unprocessed.readableBytes());
    }
  }

  /** What was not read never will be. */
  public static void closed(MessageDeframer deframer) {
    BytesHook bytes = BYTES.get(deframer);
    if (bytes != null) {
      bytes.unread(0);
    }
  }
}
