package io.streamgauge.routing;

import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestTransport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;

/** A server that says who it is, and counts for itself. */
final class LaneInstance implements AutoCloseable {

  private final String name;
  final AtomicInteger calls = new AtomicInteger();

  /** So many calls are refused first. */
  final AtomicInteger refuses = new AtomicInteger();

  private Server server;
  private int port;

  LaneInstance(String name) throws IOException {
    this.name = name;
    start(0);
  }

  private void start(int wanted) throws IOException {
    server =
        TestTransport.NETTY_SHADED
            .serverAt(TestTransport.loopback(wanted))
            .addService(service())
            .build()
            .start();
    this.port = server.getPort();
  }

  private ServerServiceDefinition service() {
    return ServerServiceDefinition.builder(
            ServiceDescriptor.newBuilder(TestMethods.SERVICE)
                .addMethod(TestMethods.UNARY)
                .addMethod(TestMethods.BIDI)
                .build())
        .addMethod(TestMethods.UNARY, ServerCalls.asyncUnaryCall(this::unary))
        .addMethod(TestMethods.BIDI, ServerCalls.asyncBidiStreamingCall(Echo::new))
        .build();
  }

  private void unary(String request, StreamObserver<String> response) {
    calls.incrementAndGet();
    if (refuses.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      response.onError(Status.UNAVAILABLE.withDescription("refused").asRuntimeException());
      return;
    }
    response.onNext(name);
    response.onCompleted();
  }

  private final class Echo implements StreamObserver<String> {
    private final StreamObserver<String> response;

    Echo(StreamObserver<String> response) {
      this.response = response;
    }

    @Override
    public void onNext(String message) {
      response.onNext(name);
    }

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {
      response.onCompleted();
    }
  }

  InetSocketAddress address() {
    return TestTransport.loopback(port);
  }

  /** As a process that dies: connections break off, the port is closed. */
  void kill() throws InterruptedException {
    server.shutdownNow();
    server.awaitTermination();
  }

  /** At the same address. */
  void restore() throws IOException {
    start(port);
  }

  @Override
  public void close() throws InterruptedException {
    kill();
  }
}
