package io.streamgauge.gray;

import io.grpc.CallOptions;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapSetter;
import io.streamgauge.internal.tagging.GrpcTagContext;
import io.streamgauge.internal.tagging.TagBaggage;
import io.streamgauge.internal.tagging.TagContext;
import io.streamgauge.internal.tagging.TaggedObserver;
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

  private GrayTags() {}

  /** The tag of the call or message being handled on this thread. */
  public static Optional<GrayTag> current() {
    return Optional.ofNullable(GrpcTagContext.find());
  }

  /** The tag in an OpenTelemetry context. */
  public static Optional<GrayTag> in(Context context) {
    return Optional.ofNullable(TagContext.in(context));
  }

  /** The OpenTelemetry context with the tag in it, as a baggage entry. */
  public static Context with(Context context, GrayTag tag) {
    return TagContext.with(context, tag);
  }

  /** Makes the tag current on this thread until the scope is closed there. */
  public static Scope makeCurrent(GrayTag tag) {
    return GrpcTagContext.attach(TagContext.with(Context.current(), tag), tag);
  }

  /** Runs with what is current now; without a tag if there is none now. */
  public static Runnable wrap(Runnable task) {
    Context context = Context.current();
    GrayTag tag = GrpcTagContext.find();
    return () -> {
      try (Scope scope = GrpcTagContext.attach(context, tag)) {
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
    return TaggedObserver.create(observer, Context.current(), GrpcTagContext.find());
  }

  /** Writes the current tag into any other carrier, as {@code x-env-tag}. */
  public static <C> void inject(C carrier, TextMapSetter<C> setter) {
    GrayPropagator.getInstance().inject(Context.current(), carrier, setter);
  }

  /** Reads a tag from any other carrier: {@code x-env-tag}, else baggage. */
  public static <C> Optional<GrayTag> extract(C carrier, TextMapGetter<C> getter) {
    GrayTag tag =
        TagContext.in(GrayPropagator.getInstance().extract(Context.root(), carrier, getter));
    return tag != null
        ? Optional.of(tag)
        : GrayTag.parse(TagBaggage.read(getter.get(carrier, "baggage")));
  }
}
