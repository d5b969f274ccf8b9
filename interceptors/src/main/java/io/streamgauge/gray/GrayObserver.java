package io.streamgauge.gray;

import io.grpc.stub.StreamObserver;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;

/** Delivers in the context it was made in. */
final class GrayObserver<T> implements StreamObserver<T> {

  private final StreamObserver<T> delegate;
  private final Context context;
  private final GrayTag tag;

  static <T> StreamObserver<T> create(StreamObserver<T> delegate, Context context, GrayTag tag) {
    return new GrayObserver<>(delegate, context, tag);
  }

  private GrayObserver(StreamObserver<T> delegate, Context context, GrayTag tag) {
    this.delegate = delegate;
    this.context = context;
    this.tag = tag;
  }

  @Override
  public void onNext(T value) {
    try (Scope scope = GrayTags.scope(context, tag)) {
      delegate.onNext(value);
    }
  }

  @Override
  public void onError(Throwable failure) {
    try (Scope scope = GrayTags.scope(context, tag)) {
      delegate.onError(failure);
    }
  }

  @Override
  public void onCompleted() {
    try (Scope scope = GrayTags.scope(context, tag)) {
      delegate.onCompleted();
    }
  }
}
