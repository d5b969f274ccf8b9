package io.streamgauge.internal.grpc;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;

/** A server interceptor as a user may have it, which throws at one point of every call. */
final class ThrowingInterceptor implements ServerInterceptor {

  /** Where. */
  enum Point {
    START_CALL,
    SEND_HEADERS,
    SEND_MESSAGE,
    CLOSE,
    ON_MESSAGE,
    ON_HALF_CLOSE,
    ON_CANCEL,
    ON_COMPLETE
  }

  private final Point point;

  ThrowingInterceptor(Point point) {
    this.point = point;
  }

  private void at(Point here) {
    if (here == point) {
      throw new IllegalStateException("thrown at " + here);
    }
  }

  @Override
  public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
      ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
    at(Point.START_CALL);
    return new Listener<>(next.startCall(new Call<>(call), headers));
  }

  private final class Call<ReqT, RespT> extends SimpleForwardingServerCall<ReqT, RespT> {
    Call(ServerCall<ReqT, RespT> delegate) {
      super(delegate);
    }

    @Override
    public void sendHeaders(Metadata headers) {
      at(Point.SEND_HEADERS);
      super.sendHeaders(headers);
    }

    @Override
    public void sendMessage(RespT message) {
      at(Point.SEND_MESSAGE);
      super.sendMessage(message);
    }

    @Override
    public void close(Status status, Metadata trailers) {
      at(Point.CLOSE);
      super.close(status, trailers);
    }
  }

  private final class Listener<ReqT> extends SimpleForwardingServerCallListener<ReqT> {
    Listener(ServerCall.Listener<ReqT> delegate) {
      super(delegate);
    }

    @Override
    public void onMessage(ReqT message) {
      at(Point.ON_MESSAGE);
      super.onMessage(message);
    }

    @Override
    public void onHalfClose() {
      at(Point.ON_HALF_CLOSE);
      super.onHalfClose();
    }

    @Override
    public void onCancel() {
      at(Point.ON_CANCEL);
      super.onCancel();
    }

    @Override
    public void onComplete() {
      at(Point.ON_COMPLETE);
      super.onComplete();
    }
  }
}
