package io.streamgauge.internal.tagging;

import io.grpc.stub.StreamObserver;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.streamgauge.gray.GrayTag;

/** Delivers in the context it was made in. */
public final class TaggedObserver<T> implements StreamObserver<T> {

  private final StreamObserver<T> delegate;
  private final Context context;
  private final GrayTag tag;

  public static <T> StreamObserver<T> create(
      StreamObserver<T> delegate, Context context, GrayTag tag) {
    return new TaggedObserver<>(delegate, context, tag);
  }

  private TaggedObserver(StreamObserver<T> delegate, Context context, GrayTag tag) {
    this.delegate = delegate;
    this.context = context;
    this.tag = tag;
  }

  @Override
  public void onNext(T value) {
    try (Scope scope = GrpcTagContext.attach(context, tag)) {
      delegate.onNext(value);
    }
  }

  @Override
  public void onError(Throwable failure) {
    try (Scope scope = GrpcTagContext.attach(context, tag)) {
      delegate.onError(failure);
    }
  }

  @Override
  public void onCompleted() {
    try (Scope scope = GrpcTagContext.attach(context, tag)) {
      delegate.onCompleted();
    }
  }
}
