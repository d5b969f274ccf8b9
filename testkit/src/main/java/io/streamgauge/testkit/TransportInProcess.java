package io.streamgauge.testkit;

import io.grpc.ManagedChannelBuilder;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.net.InetSocketAddress;

/** grpc-inprocess: no addresses, no windows. */
final class TransportInProcess implements TransportBuilders {

  @Override
  public ServerBuilder<?> server(InetSocketAddress address) {
    return InProcessServerBuilder.forName(InProcessServerBuilder.generateName());
  }

  @Override
  public ManagedChannelBuilder<?> channel(InetSocketAddress address) {
    throw new UnsupportedOperationException("in process there are no addresses");
  }

  @Override
  public ManagedChannelBuilder<?> channel(Server server) {
    return InProcessChannelBuilder.forAddress(server.getListenSockets().get(0));
  }

  @Override
  public void window(ServerBuilder<?> server, int bytes) {}

  @Override
  public void window(ManagedChannelBuilder<?> channel, int bytes) {}
}
