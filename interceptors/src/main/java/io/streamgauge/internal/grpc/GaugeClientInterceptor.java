package io.streamgauge.internal.grpc;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientStreamTracer;
import io.grpc.MethodDescriptor;
import io.streamgauge.CallSide;
import io.streamgauge.internal.stream.StreamRecorder;

/** Wraps each client call and adds a tracer for each of its attempts. */
public final class GaugeClientInterceptor implements ClientInterceptor {

  static final String SITE = "client.interceptor";

  private final CallHooks hooks;

  public GaugeClientInterceptor(CallHooks hooks) {
    this.hooks = hooks;
  }

  /**
   * Whether an interceptor outside of this one has the call already: of the same gauge, or of the
   * agent beside the library.
   */
  private boolean isWatched(CallOptions options) throws Throwable {
    for (ClientStreamTracer.Factory factory : options.getStreamTracerFactories()) {
      if (factory instanceof ClientTracer.Factory
          ? ((ClientTracer.Factory) factory).belongsTo(hooks)
          : OtherCopy.isOthers(factory)) {
        return true;
      }
    }
    return (hooks.mayMeetTwice() && UntracedMark.isOf(options, hooks)) || OtherCopy.marks(options);
  }

  @Override
  public <ReqT, RespT> ClientCall<ReqT, RespT> interceptCall(
      MethodDescriptor<ReqT, RespT> method, CallOptions options, Channel next) {
    StreamRecorder stream = null;
    CallOptions traced = options;
    boolean hooked = false;
    try {
      if (hooks.watches(method.getFullMethodName()) && !isWatched(options)) {
        StreamRecorder made =
            new StreamRecorder(CallSide.CLIENT, hooks, hooks.methods(CallSide.CLIENT).of(method));
        hooked = hooks.hasHeaders() || options.getOption(CallKeys.QUEUE) != null;
        if (hooks.follows(made.method())) {
          made.traced();
          traced = options.withStreamTracerFactory(new ClientTracer.Factory(made));
        } else if (hooks.mayMeetTwice() || OtherCopy.isThere()) {
          traced = UntracedMark.add(options, hooks);
        }
        stream = made;
      }
    } catch (Throwable t) {
      hooks.guard.swallow(SITE, t);
      traced = options;
    }
    if (stream == null) {
      return next.newCall(method, traced);
    }
    return hooked
        ? hooked(method, options, traced, next, stream)
        : new WatchedClientCall<>(next.newCall(method, traced), stream);
  }

  private <ReqT, RespT> ClientCall<ReqT, RespT> hooked(
      MethodDescriptor<ReqT, RespT> method,
      CallOptions given,
      CallOptions traced,
      Channel next,
      StreamRecorder stream) {
    Object entered = hooks.enterClientCall(stream);
    try {
      return new HookedClientCall<>(next.newCall(method, traced), stream, given, next);
    } finally {
      hooks.exit(stream, entered);
    }
  }
}
