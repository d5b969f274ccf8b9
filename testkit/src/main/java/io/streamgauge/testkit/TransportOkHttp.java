package io.streamgauge.testkit;

import io.grpc.ManagedChannelBuilder;
import io.grpc.ServerBuilder;
import java.net.InetSocketAddress;

/** grpc-okhttp. */
final class TransportOkHttp implements TransportBuilders {

  @Override
  public ServerBuilder<?> server(InetSocketAddress address) {
    return io.grpc.okhttp.OkHttpServerBuilder.forPort(
        address, io.grpc.InsecureServerCredentials.create());
  }

  @Override
  public ManagedChannelBuilder<?> channel(InetSocketAddress address) {
    return io.grpc.okhttp.OkHttpChannelBuilder.forAddress("127.0.0.1", address.getPort())
        .usePlaintext();
  }

  @Override
  public void window(ServerBuilder<?> server, int bytes) {
    ((io.grpc.okhttp.OkHttpServerBuilder) server).flowControlWindow(bytes);
  }

  @Override
  public void window(ManagedChannelBuilder<?> channel, int bytes) {
    ((io.grpc.okhttp.OkHttpChannelBuilder) channel).flowControlWindow(bytes);
  }
}
