package io.streamgauge.testkit;

import io.grpc.ManagedChannelBuilder;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * The transports a suite runs over. Unshaded Netty and OkHttp need their jar beside this one, so
 * each transport's class is loaded by name when it is first used.
 */
public enum TestTransport {
  NETTY("TransportNetty"),
  NETTY_SHADED("TransportNettyShaded"),
  OKHTTP("TransportOkHttp"),
  IN_PROCESS("TransportInProcess");

  private final String className;

  TestTransport(String className) {
    this.className = TestTransport.class.getPackageName() + "." + className;
  }

  private TransportBuilders builders() {
    try {
      return Class.forName(className)
          .asSubclass(TransportBuilders.class)
          .getDeclaredConstructor()
          .newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A loopback address; port 0 is any. */
  public static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  /** A server at that address; in process there are none, and any server is a new one. */
  public ServerBuilder<?> serverAt(InetSocketAddress address) {
    return builders().server(address);
  }

  /** A channel to whoever listens there, now or later. */
  public ManagedChannelBuilder<?> channelTo(InetSocketAddress address) {
    return builders().channel(address);
  }

  /** A server on an ephemeral loopback address. */
  public ServerBuilder<?> server() {
    return serverAt(loopback(0));
  }

  /** The same, with an HTTP/2 window of that many bytes where there is HTTP/2. */
  public ServerBuilder<?> server(int window) {
    ServerBuilder<?> server = server();
    builders().window(server, window);
    return server;
  }

  /** A channel to that server. */
  public ManagedChannelBuilder<?> channel(Server server) {
    return builders().channel(server);
  }

  /** The same, with an HTTP/2 window of that many bytes where there is HTTP/2. */
  public ManagedChannelBuilder<?> channel(Server server, int window) {
    ManagedChannelBuilder<?> channel = channel(server);
    builders().window(channel, window);
    return channel;
  }
}
