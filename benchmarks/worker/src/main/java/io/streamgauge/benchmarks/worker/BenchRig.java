package io.streamgauge.benchmarks.worker;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** A server and a channel to it, both watched; as thin as gRPC can be, for the harshest ratio. */
final class BenchRig implements AutoCloseable {

  private static final String NAME = "bench";

  private final List<EventLoopGroup> loops = new ArrayList<>();
  private final Server server;
  final ManagedChannel channel;

  BenchRig(Subject subject, boolean sockets) throws IOException {
    this(subject, Shape.of(sockets ? "S4" : "S1"));
  }

  /** In one process without a socket, or over Netty's NIO on loopback with one loop per side. */
  BenchRig(Subject subject, Shape shape) throws IOException {
    BenchTls tls = shape.tls() ? new BenchTls() : null;
    ServerBuilder<?> serverBuilder =
        shape.sockets() ? nettyServer(tls) : InProcessServerBuilder.forName(NAME);
    shape.threads().use(serverBuilder);
    subject.install(serverBuilder.addService(BenchMethods.service()));
    server = serverBuilder.build().start();
    ManagedChannelBuilder<?> channelBuilder =
        shape.sockets() ? nettyChannel(tls) : InProcessChannelBuilder.forName(NAME);
    shape.threads().use(channelBuilder);
    subject.install(channelBuilder);
    channel = channelBuilder.build();
  }

  private NettyServerBuilder nettyServer(BenchTls tls) throws IOException {
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .channelType(NioServerSocketChannel.class)
            .bossEventLoopGroup(loop())
            .workerEventLoopGroup(loop());
    return tls == null
        ? builder
        : builder.sslContext(
            GrpcSslContexts.configure(SslContextBuilder.forServer(tls.keys)).build());
  }

  private NettyChannelBuilder nettyChannel(BenchTls tls) throws IOException {
    NettyChannelBuilder builder =
        NettyChannelBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getPort()))
            .channelType(NioSocketChannel.class)
            .eventLoopGroup(loop());
    return tls == null
        ? builder.usePlaintext()
        : builder
            .overrideAuthority("localhost")
            .sslContext(GrpcSslContexts.forClient().trustManager(tls.trust).build());
  }

  private EventLoopGroup loop() {
    EventLoopGroup made = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    loops.add(made);
    return made;
  }

  @Override
  @SuppressWarnings("FutureReturnValueIgnored") // the process ends next
  public void close() {
    channel.shutdownNow();
    server.shutdownNow();
    loops.forEach(EventLoopGroup::shutdownGracefully);
  }
}
