package io.streamgauge.internal.tracing;

import io.opentelemetry.api.common.AttributeKey;
import io.streamgauge.gray.GrayTag;
import io.streamgauge.internal.stream.Connection;
import io.streamgauge.internal.stream.StatusCodes;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.tagging.Tags;

/** What the span of a call says when the call is over. */
public final class CallEnd {

  /** Takes attributes. */
  public interface Sink {
    <T> void put(AttributeKey<T> key, T value);
  }

  private CallEnd() {}

  /** Tells all attributes of a call that has ended. */
  public static void tell(StreamRecorder stream, Sink sink) {
    int code = stream.code();
    sink.put(SpanAttributes.STATUS, StatusCodes.name(code));
    peer(stream.connection(), sink);
    sink.put(SpanAttributes.SENT, stream.sent());
    sink.put(SpanAttributes.RECEIVED, stream.received());
    if (stream.executorKnown()) {
      bytes(stream.wireOut(), stream.wireIn(), sink);
    }
    if (!stream.isUnary()) {
      sink.put(SpanAttributes.BLOCKED, stream.blockedNanos() / 1e9);
      sink.put(SpanAttributes.STALLED, stream.stalledNanos() / 1e9);
      if (stream.firstMessageNanos() >= 0) {
        sink.put(SpanAttributes.FIRST_MESSAGE, stream.firstMessageNanos() / 1e9);
      }
    }
    sink.put(SpanAttributes.STREAM_ID, stream.anyId());
    tag(Tags.of(stream), sink);
    if (isError(stream)) {
      sink.put(SpanAttributes.ERROR_TYPE, StatusCodes.name(code));
    }
  }

  /**
   * Tells the attributes of a unary call that ended with OK, from what was kept of it; the same as
   * {@link #tell(StreamRecorder, Sink)} would tell.
   */
  public static void tellClean(
      Connection connection,
      long sent,
      long received,
      long wireOut,
      long wireIn,
      long id,
      GrayTag tag,
      Sink sink) {
    sink.put(SpanAttributes.STATUS, StatusCodes.name(0));
    peer(connection, sink);
    sink.put(SpanAttributes.SENT, sent);
    sink.put(SpanAttributes.RECEIVED, received);
    bytes(wireOut, wireIn, sink);
    sink.put(SpanAttributes.STREAM_ID, id);
    tag(tag, sink);
  }

  /** Whether the call makes its span an error. */
  public static boolean isError(StreamRecorder stream) {
    return StatusCodes.isError(stream.side(), stream.code());
  }

  /** What the status of an erroneous span says. */
  public static String description(StreamRecorder stream) {
    String description = stream.description();
    return description == null ? "" : DisplayText.line(description);
  }

  private static void peer(Connection connection, Sink sink) {
    if (connection == null || connection.transport() == null) {
      return;
    }
    sink.put(SpanAttributes.TRANSPORT, connection.transport());
    sink.put(SpanAttributes.PEER_ADDRESS, connection.peerAddress());
    if (connection.peerPort() > 0) {
      sink.put(SpanAttributes.PEER_PORT, (long) connection.peerPort());
    }
  }

  private static void bytes(long out, long in, Sink sink) {
    if (out + in > 0) {
      sink.put(SpanAttributes.BYTES_SENT, out);
      sink.put(SpanAttributes.BYTES_RECEIVED, in);
    }
  }

  private static void tag(GrayTag tag, Sink sink) {
    if (tag != null) {
      sink.put(SpanAttributes.TAG, tag.value());
      sink.put(SpanAttributes.TAG_SOURCE, tag.source().label());
    }
  }
}
