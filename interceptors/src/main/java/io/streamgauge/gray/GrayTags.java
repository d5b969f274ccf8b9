package io.streamgauge.gray;

import io.streamgauge.internal.grpc.CallHooks;

import io.grpc.CallOptions;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapSetter;
import io.streamgauge.internal.stream.StreamRecorder;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * The gray tag that is current. It lives in OpenTelemetry's context as the baggage entry {@code
 * gray.tag}, so that every copy of this class in a process sees the same one, and is mirrored in
 * gRPC's context; there is no thread local of ours.
 */
public final class GrayTags {

  /** Tags one call: {@code stub.withOption(GrayTags.CALL_OPTION, GrayTag.of("canary"))}. */
  public static final CallOptions.Key<GrayTag> CALL_OPTION =
      CallOptions.Key.create("streamgauge-gray-tag");

  private static final io.grpc.Context.Key<Object> MIRROR =
      io.grpc.Context.key("streamgauge-gray-tag");

  /** In gRPC's context: no tag, though the stream it belongs to may have one. */
  private static final Object NONE = new Object();

  private GrayTags() {}

  /** The tag of the call or message being handled on this thread. */
  public static Optional<GrayTag> current() {
    return Optional.ofNullable(find());
  }

  /** Null if there is none. */
  public static GrayTag find() {
    GrayTag tag = in(Context.current());
    return tag != null ? tag : mirrored();
  }

  /** What gRPC's context says: a tag of its own, else that of the server stream it belongs to. */
  private static GrayTag mirrored() {
    Object tag = MIRROR.get();
    if (tag != null) {
      return tag instanceof GrayTag ? (GrayTag) tag : null;
    }
    StreamRecorder stream = CallHooks.current();
    return stream == null ? null : (GrayTag) stream.tag();
  }

  /** The tag in an OpenTelemetry context, or null. */
  public static GrayTag in(Context context) {
    return GrayContext.in(context);
  }

  /** The context with the tag in it. */
  public static Context with(Context context, GrayTag tag) {
    return GrayContext.with(context, tag);
  }

  /** The context without any tag, not even one that is not valid. */
  public static Context without(Context context) {
    return GrayContext.without(context);
  }

  /** gRPC's context with the tag, or for null without any. */
  public static io.grpc.Context mirror(io.grpc.Context context, GrayTag tag) {
    return context.withValue(MIRROR, tag == null ? NONE : tag);
  }

  /** Makes the tag current on this thread until the scope is closed there. */
  public static Scope makeCurrent(GrayTag tag) {
    return attach(with(Context.current(), tag), tag);
  }

  /** Both contexts; closing restores both. */
  @SuppressWarnings("MustBeClosedChecker") // closed by the returned scope
  private static Scope attach(Context context, GrayTag tag) {
    io.grpc.Context mirrored = mirror(io.grpc.Context.current(), tag);
    io.grpc.Context before = mirrored.attach();
    Scope scope = context.makeCurrent();
    return () -> {
      scope.close();
      mirrored.detach(before);
    };
  }

  /** Runs with what is current now; without a tag if there is none now. */
  public static Runnable wrap(Runnable task) {
    Context context = Context.current();
    GrayTag tag = find();
    return () -> {
      try (Scope scope = attach(context, tag)) {
        task.run();
      }
    };
  }

  /** Each task runs with what was current when it was handed over. */
  public static Executor wrap(Executor executor) {
    return task -> executor.execute(wrap(task));
  }

  /** Each event is delivered with what is current now. */
  public static <T> StreamObserver<T> wrap(StreamObserver<T> observer) {
    // Made there: were it made here, this class could not be loaded without grpc-stub.
    return GrayObserver.create(observer, Context.current(), find());
  }

  /** Makes the context current, and the tag in it in gRPC's context as well. */
  static Scope scope(Context context, GrayTag tag) {
    return attach(context, tag);
  }

  /** Writes the current tag into any other carrier, as {@code x-env-tag}. */
  public static <C> void inject(C carrier, TextMapSetter<C> setter) {
    GrayPropagator.getInstance().inject(Context.current(), carrier, setter);
  }

  /** Reads a tag from any other carrier: {@code x-env-tag}, else baggage. */
  public static <C> Optional<GrayTag> extract(C carrier, TextMapGetter<C> getter) {
    GrayTag tag = in(GrayPropagator.getInstance().extract(Context.root(), carrier, getter));
    return tag != null
        ? Optional.of(tag)
        : GrayTag.parse(GrayBaggage.read(getter.get(carrier, "baggage")));
  }
}
