package io.streamgauge.ordersync.server;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;

/** Reads the stream's gray tag from its header, for the choice of the fulfilment instance. */
final class LaneInterceptor implements ServerInterceptor {

  static final Metadata.Key<String> HEADER =
      Metadata.Key.of("x-env-tag", Metadata.ASCII_STRING_MARSHALLER);

  static final Context.Key<String> LANE = Context.keyWithDefault("lane", "");

  @Override
  public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
      ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
    String tag = headers.get(HEADER);
    if (tag == null) {
      return next.startCall(call, headers);
    }
    return Contexts.interceptCall(Context.current().withValue(LANE, tag), call, headers, next);
  }
}
