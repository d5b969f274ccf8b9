package io.streamgauge.testkit;

import io.grpc.ManagedChannelBuilder;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** The transports a suite runs over. */
public enum TestTransport {
  NETTY {
    @Override
    public ServerBuilder<?> server() {
      return NettyServerBuilder.forAddress(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    @Override
    public ManagedChannelBuilder<?> channel(Server server) {
      return NettyChannelBuilder.forAddress(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getPort()))
          .usePlaintext();
    }
  },
  IN_PROCESS {
    @Override
    public ServerBuilder<?> server() {
      return InProcessServerBuilder.forName(InProcessServerBuilder.generateName());
    }

    @Override
    public ManagedChannelBuilder<?> channel(Server server) {
      return InProcessChannelBuilder.forAddress(server.getListenSockets().get(0));
    }
  };

  /** A server on an ephemeral loopback address. */
  public abstract ServerBuilder<?> server();

  /** A channel to that server. */
  public abstract ManagedChannelBuilder<?> channel(Server server);
}
