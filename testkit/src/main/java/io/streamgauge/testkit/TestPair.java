package io.streamgauge.testkit;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerServiceDefinition;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A server and a channel to it, each set up by whoever attaches; closing ends both and waits for
 * the server.
 */
public record TestPair(Server server, ManagedChannel channel) implements AutoCloseable {

  /** Serves {@link TestService}. */
  public static TestPair open(
      TestTransport transport,
      Consumer<ServerBuilder<?>> onServer,
      Consumer<ManagedChannelBuilder<?>> onChannel)
      throws IOException {
    return open(transport, TestService.create(), onServer, onChannel);
  }

  public static TestPair open(
      TestTransport transport,
      ServerServiceDefinition service,
      Consumer<ServerBuilder<?>> onServer,
      Consumer<ManagedChannelBuilder<?>> onChannel)
      throws IOException {
    ServerBuilder<?> serverBuilder = transport.server().addService(service);
    onServer.accept(serverBuilder);
    Server server = serverBuilder.build().start();
    ManagedChannelBuilder<?> channelBuilder = transport.channel(server);
    onChannel.accept(channelBuilder);
    return new TestPair(server, channelBuilder.build());
  }

  @Override
  public void close() {
    channel.shutdownNow();
    server.shutdownNow();
    try {
      server.awaitTermination(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
