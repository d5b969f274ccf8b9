package io.streamgauge.benchmarks.worker;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Open calls on many methods that have all carried a message each way and stay. */
public final class ManyStreams implements AutoCloseable {

  private static final String SERVICE = "streamgauge.bench.Many";

  private final Server server;
  private final ManagedChannel channel;
  private final List<MethodDescriptor<byte[], byte[]>> methods = new ArrayList<>();
  private final List<ClientCall<byte[], byte[]>> calls = new ArrayList<>();
  private final byte[] message = BenchMethods.message();
  private final CallOptions options;
  private long answers;

  /** A server and a channel in this process. */
  public ManyStreams(Subject subject, int methodCount) throws IOException {
    ServiceDescriptor.Builder descriptor = ServiceDescriptor.newBuilder(SERVICE);
    for (int i = 0; i < methodCount; i++) {
      methods.add(
          BenchMethods.BIDI.toBuilder()
              .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, "Method" + i))
              .build());
      descriptor.addMethod(methods.get(i));
    }
    ServerServiceDefinition.Builder service = ServerServiceDefinition.builder(descriptor.build());
    for (MethodDescriptor<byte[], byte[]> method : methods) {
      service.addMethod(method, (call, headers) -> echo(call));
    }
    InProcessServerBuilder serverBuilder =
        InProcessServerBuilder.forName("many").directExecutor().addService(service.build());
    subject.install(serverBuilder);
    server = serverBuilder.build().start();
    ManagedChannelBuilder<?> channelBuilder =
        InProcessChannelBuilder.forName("many").directExecutor();
    subject.install(channelBuilder);
    channel = channelBuilder.build();
    options = subject.options();
  }

  private static ServerCall.Listener<byte[]> echo(ServerCall<byte[], byte[]> call) {
    call.sendHeaders(new Metadata());
    call.request(1);
    return new ServerCall.Listener<>() {
      @Override
      public void onMessage(byte[] value) {
        call.sendMessage(value);
        call.request(1);
      }
    };
  }

  /** Opens so many calls more; each is a stream of the client's and one of the server's. */
  public void open(int count) {
    for (int i = 0; i < count; i++) {
      ClientCall<byte[], byte[]> call =
          channel.newCall(methods.get(calls.size() % methods.size()), options);
      call.start(
          new ClientCall.Listener<>() {
            @Override
            public void onMessage(byte[] value) {
              answers++;
              call.request(1);
            }
          },
          new Metadata());
      call.request(1);
      call.sendMessage(message);
      calls.add(call);
    }
    if (answers != calls.size()) {
      throw new IllegalStateException(answers + " answers on " + calls.size() + " calls");
    }
  }

  /** A message there and its echo back on one of the calls; returns when it is here. */
  public void roundTrip() {
    long before = answers;
    calls.get(0).sendMessage(message);
    if (answers != before + 1) {
      throw new IllegalStateException("the echo is missing");
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
    server.shutdownNow();
  }
}
