package io.streamgauge.spi;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientStreamTracer;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.prometheus.client.CollectorRegistry;
import io.streamgauge.Streamgauge;
import io.streamgauge.contract.LibrarySubject;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestSeries;
import io.streamgauge.testkit.fixture.TestService;
import io.streamgauge.testkit.fixture.TestTransport;
import java.util.Collections;

/** An open bidi call of a gauge's, with what gRPC's own code sees of it. */
final class WatchedCall implements AutoCloseable {

  final Streamgauge gauge;
  private final CollectorRegistry registry = new CollectorRegistry();
  private final Server server;
  private final ManagedChannel channel;
  private final ClientCall<String, String> call;

  /** The options of the call as an interceptor below the gauge's sees them. */
  CallOptions options;

  WatchedCall() throws Exception {
    gauge = Streamgauge.builder().prometheus(registry).build();
    server = TestTransport.NETTY_SHADED.server().addService(TestService.create()).build().start();
    ManagedChannelBuilder<?> builder = TestTransport.NETTY_SHADED.channel(server);
    builder.intercept(new Below());
    gauge.install(builder);
    channel = builder.build();
    call = channel.newCall(TestMethods.BIDI, CallOptions.DEFAULT);
    call.start(new ClientCall.Listener<String>() {}, new Metadata());
  }

  /** The tracer of another attempt of the call, as gRPC makes it. */
  ClientStreamTracer attempt() {
    return options
        .getStreamTracerFactories()
        .get(0)
        .newClientStreamTracer(ClientStreamTracer.StreamInfo.newBuilder().build(), new Metadata());
  }

  BytesHook bytes() {
    return WatchedStreams.bytesOf(Collections.singletonList(attempt()));
  }

  TestSeries scrape() {
    return LibrarySubject.scrape(registry);
  }

  @Override
  public void close() {
    call.cancel("the test is over", null);
    channel.shutdownNow();
    server.shutdownNow();
    gauge.close();
  }

  private final class Below implements ClientInterceptor {
    @Override
    public <ReqT, RespT> ClientCall<ReqT, RespT> interceptCall(
        MethodDescriptor<ReqT, RespT> method, CallOptions given, Channel next) {
      options = given;
      return next.newCall(method, given);
    }
  }
}
