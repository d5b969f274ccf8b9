package io.streamgauge.testkit;

import io.grpc.ManagedChannelBuilder;
import io.grpc.ServerBuilder;
import java.net.InetSocketAddress;

/** grpc-netty. */
final class TransportNetty implements TransportBuilders {

  @Override
  public ServerBuilder<?> server(InetSocketAddress address) {
    return io.grpc.netty.NettyServerBuilder.forAddress(address);
  }

  @Override
  public ManagedChannelBuilder<?> channel(InetSocketAddress address) {
    return io.grpc.netty.NettyChannelBuilder.forAddress(address).usePlaintext();
  }

  @Override
  public void window(ServerBuilder<?> server, int bytes) {
    ((io.grpc.netty.NettyServerBuilder) server).flowControlWindow(bytes);
  }

  @Override
  public void window(ManagedChannelBuilder<?> channel, int bytes) {
    ((io.grpc.netty.NettyChannelBuilder) channel).flowControlWindow(bytes);
  }
}
