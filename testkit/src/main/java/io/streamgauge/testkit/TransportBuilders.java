package io.streamgauge.testkit;

import io.grpc.ManagedChannelBuilder;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import java.net.InetSocketAddress;

/** The builders of one transport; loaded only where that transport is used. */
interface TransportBuilders {

  ServerBuilder<?> server(InetSocketAddress address);

  ManagedChannelBuilder<?> channel(InetSocketAddress address);

  default ManagedChannelBuilder<?> channel(Server server) {
    return channel(TestTransport.loopback(server.getPort()));
  }

  void window(ServerBuilder<?> server, int bytes);

  void window(ManagedChannelBuilder<?> channel, int bytes);
}
