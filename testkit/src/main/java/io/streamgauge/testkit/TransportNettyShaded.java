package io.streamgauge.testkit;

import io.grpc.ManagedChannelBuilder;
import io.grpc.ServerBuilder;
import java.net.InetSocketAddress;

/** grpc-netty-shaded. */
final class TransportNettyShaded implements TransportBuilders {

  @Override
  public ServerBuilder<?> server(InetSocketAddress address) {
    return io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder.forAddress(address);
  }

  @Override
  public ManagedChannelBuilder<?> channel(InetSocketAddress address) {
    return io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder.forAddress(address)
        .usePlaintext();
  }

  @Override
  public void window(ServerBuilder<?> server, int bytes) {
    ((io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder) server).flowControlWindow(bytes);
  }

  @Override
  public void window(ManagedChannelBuilder<?> channel, int bytes) {
    ((io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder) channel).flowControlWindow(bytes);
  }
}
