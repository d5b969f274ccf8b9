package io.streamgauge.internal.grpc;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.streamgauge.StreamQueue;
import io.streamgauge.internal.stream.ApplicationQueue;
import io.streamgauge.internal.stream.StreamRecorder;

/** A client call with something to do at its start: headers to write, or a queue to watch. */
final class HookedClientCall<ReqT, RespT> extends WatchedClientCall<ReqT, RespT> {

  private final CallOptions options;
  private final Channel channel;

  HookedClientCall(
      ClientCall<ReqT, RespT> delegate,
      StreamRecorder stream,
      CallOptions options,
      Channel channel) {
    super(delegate, stream);
    this.options = options;
    this.channel = channel;
  }

  @Override
  void starting(Metadata headers) {
    CallHooks hooks = CallHooks.of(stream);
    if (hooks.hasHeaders()) {
      hooks.clientHeaders(stream, headers, options, channel.authority());
    }
    StreamQueue queue = options.getOption(CallKeys.QUEUE);
    if (queue instanceof ApplicationQueue) {
      stream.addQueue(((ApplicationQueue) queue).copy());
    }
  }
}
