package io.streamgauge.internal.tagging;

import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.streamgauge.gray.GrayTag;
import io.streamgauge.internal.grpc.ServerStreams;
import io.streamgauge.internal.stream.StreamRecorder;

/** The tag in gRPC's context, which mirrors the one in OpenTelemetry's. */
public final class GrpcTagContext {

  private static final io.grpc.Context.Key<Object> MIRROR =
      io.grpc.Context.key("streamgauge-gray-tag");

  /** In gRPC's context: no tag, though the stream it belongs to may have one. */
  private static final Object NONE = new Object();

  private GrpcTagContext() {}

  /** The tag that is current; OpenTelemetry's context decides. Null if there is none. */
  public static GrayTag find() {
    GrayTag tag = TagContext.in(Context.current());
    return tag != null ? tag : mirrored();
  }

  /** What gRPC's context says: a tag of its own, else that of the server stream it belongs to. */
  private static GrayTag mirrored() {
    Object tag = MIRROR.get();
    if (tag != null) {
      return tag instanceof GrayTag ? (GrayTag) tag : null;
    }
    StreamRecorder stream = ServerStreams.current();
    return stream == null ? null : CallTag.of(stream).tag;
  }

  /** gRPC's context with the tag, or for null without any. */
  public static io.grpc.Context mirror(io.grpc.Context context, GrayTag tag) {
    return context.withValue(MIRROR, tag == null ? NONE : tag);
  }

  /** Makes the context current, and the tag in gRPC's too; closing restores both. */
  @SuppressWarnings("MustBeClosedChecker") // closed by the returned scope
  public static Scope attach(Context context, GrayTag tag) {
    io.grpc.Context mirrored = mirror(io.grpc.Context.current(), tag);
    io.grpc.Context before = mirrored.attach();
    Scope scope = context.makeCurrent();
    return () -> {
      scope.close();
      mirrored.detach(before);
    };
  }
}
