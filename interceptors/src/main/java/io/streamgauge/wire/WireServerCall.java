package io.streamgauge.wire;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.streamgauge.stream.StreamRecorder;

/** The application's handle on a server stream, counted. */
final class WireServerCall<ReqT, RespT> extends SimpleForwardingServerCall<ReqT, RespT> {

  static final String SITE = "server.call";

  private final Wire wire;
  private final StreamRecorder stream;

  WireServerCall(Wire wire, ServerCall<ReqT, RespT> delegate, StreamRecorder stream) {
    super(delegate);
    this.wire = wire;
    this.stream = stream;
  }

  @Override
  public void sendMessage(RespT message) {
    try {
      stream.onSend();
    } catch (Throwable t) {
      wire.guard.swallow(SITE, t);
    }
    super.sendMessage(message);
  }

  @Override
  public void close(Status status, Metadata trailers) {
    super.close(status, trailers);
    try {
      if (!stream.executorKnown()) {
        Wire.end(stream, status);
      }
    } catch (Throwable t) {
      wire.guard.swallow(SITE, t);
    }
  }
}
