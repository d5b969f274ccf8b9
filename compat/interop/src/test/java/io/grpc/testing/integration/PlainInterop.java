package io.grpc.testing.integration;

import io.grpc.ManagedChannelBuilder;
import io.grpc.ServerBuilder;
import io.grpc.netty.InternalNettyChannelBuilder;
import io.grpc.netty.InternalNettyServerBuilder;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** grpc-java's interop suite with nothing of ours in it; {@link AgentInteropIT} adds the agent. */
public class PlainInterop extends AbstractInteropTest {

  @Override
  protected ServerBuilder<?> getServerBuilder() {
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .flowControlWindow(AbstractInteropTest.TEST_FLOW_CONTROL_WINDOW)
            .maxInboundMessageSize(AbstractInteropTest.MAX_MESSAGE_SIZE);
    // As the suite's own Netty test: its statistics tracers instead of grpc's default ones.
    InternalNettyServerBuilder.setStatsEnabled(builder, false);
    builder.addStreamTracerFactory(createCustomCensusTracerFactory());
    return builder;
  }

  @Override
  protected ManagedChannelBuilder<?> createChannelBuilder() {
    NettyChannelBuilder builder =
        NettyChannelBuilder.forAddress(getListenAddress())
            .flowControlWindow(AbstractInteropTest.TEST_FLOW_CONTROL_WINDOW)
            .maxInboundMessageSize(AbstractInteropTest.MAX_MESSAGE_SIZE)
            .usePlaintext();
    InternalNettyChannelBuilder.setStatsEnabled(builder, false);
    builder.intercept(createCensusStatsClientInterceptor());
    return builder;
  }
}
