package io.streamgauge.benchmarks.worker;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerBuilder;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.concurrent.atomic.LongAdder;

/** The least that counts messages: two wrappers per side, a count in each, added up at the end. */
final class FloorSubject implements Subject, ServerInterceptor, ClientInterceptor {

  private final LongAdder sent = new LongAdder();
  private final LongAdder received = new LongAdder();

  @Override
  public void install(ServerBuilder<?> server) {
    server.intercept(this);
  }

  @Override
  public void install(ManagedChannelBuilder<?> channel) {
    channel.intercept(this);
  }

  @Override
  public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
      ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
    Count out = new Count();
    Count in = new Count();
    ServerCall.Listener<ReqT> listener =
        next.startCall(
            new SimpleForwardingServerCall<ReqT, RespT>(call) {
              @Override
              public void sendMessage(RespT message) {
                out.increment();
                super.sendMessage(message);
              }
            },
            headers);
    return new SimpleForwardingServerCallListener<>(listener) {
      @Override
      public void onMessage(ReqT message) {
        in.increment();
        super.onMessage(message);
      }

      @Override
      public void onComplete() {
        super.onComplete();
        ended(out, in);
      }

      @Override
      public void onCancel() {
        super.onCancel();
        ended(out, in);
      }
    };
  }

  @Override
  public <ReqT, RespT> ClientCall<ReqT, RespT> interceptCall(
      MethodDescriptor<ReqT, RespT> method, CallOptions options, Channel next) {
    Count out = new Count();
    Count in = new Count();
    return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
      @Override
      public void start(Listener<RespT> responses, Metadata headers) {
        super.start(
            new SimpleForwardingClientCallListener<>(responses) {
              @Override
              public void onMessage(RespT message) {
                in.increment();
                super.onMessage(message);
              }

              @Override
              public void onClose(Status status, Metadata trailers) {
                super.onClose(status, trailers);
                ended(out, in);
              }
            },
            headers);
      }

      @Override
      public void sendMessage(ReqT message) {
        out.increment();
        super.sendMessage(message);
      }
    };
  }

  private void ended(Count out, Count in) {
    sent.add(out.value);
    received.add(in.value);
  }

  /** One writer; another thread may read it, as a scrape would. */
  private static final class Count {
    private static final AtomicLongFieldUpdater<Count> VALUE =
        AtomicLongFieldUpdater.newUpdater(Count.class, "value");

    private volatile long value;

    void increment() {
      VALUE.lazySet(this, value + 1);
    }
  }
}
