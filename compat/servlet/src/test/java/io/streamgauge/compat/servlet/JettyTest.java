package io.streamgauge.compat.servlet;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.servlet.jakarta.ServletServerBuilder;
import io.prometheus.client.CollectorRegistry;
import io.streamgauge.Streamgauge;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestService;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.http2.RateControl;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A servlet container tells gRPC of a caller that is gone in a way of its own. */
class JettyTest {

  private static final int CALLS = 100;

  private final CollectorRegistry registry = new CollectorRegistry();
  private final Streamgauge gauge = Streamgauge.builder().prometheus(registry).build();
  private final Server jetty = new Server();
  private ManagedChannel channel;

  @BeforeEach
  void start() throws Exception {
    ServletServerBuilder server = new ServletServerBuilder().addService(TestService.create());
    gauge.install(server);
    HTTP2CServerConnectionFactory http2 =
        new HTTP2CServerConnectionFactory(new HttpConfiguration());
    // By default Jetty ends a connection whose streams are reset more often than now and then.
    http2.setRateControlFactory(new RateControl.Factory() {});
    ServerConnector connector = new ServerConnector(jetty, 1, 1, http2);
    connector.setHost("127.0.0.1");
    jetty.addConnector(connector);
    ServletContextHandler context = new ServletContextHandler("/");
    ServletHolder holder = new ServletHolder(server.buildServlet());
    holder.setAsyncSupported(true);
    context.addServlet(holder, "/*");
    jetty.setHandler(context);
    jetty.start();
    channel =
        NettyChannelBuilder.forAddress("127.0.0.1", connector.getLocalPort())
            .usePlaintext()
            .build();
  }

  @AfterEach
  void stop() throws Exception {
    channel.shutdownNow();
    jetty.stop();
    gauge.close();
  }

  private List<TestCall> answered() {
    List<TestCall> calls = new ArrayList<>();
    for (int i = 0; i < CALLS; i++) {
      TestCall call = TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT);
      call.send("hello");
      calls.add(call);
    }
    await().until(() -> calls.stream().allMatch(call -> call.received() == 1));
    return calls;
  }

  @Test
  void aCallThatTheCallerCancelsIsCanceled() {
    answered().forEach(TestCall::cancel);

    await().until(() -> handled("Canceled") == CALLS);
    assertEverythingEnded();
  }

  @Test
  void aCallThatGoesWellIsOk() {
    for (TestCall call : answered()) {
      call.halfClose();
      assertThat(call.awaitEnd().getCode()).isEqualTo(Status.Code.OK);
    }

    await().until(() -> handled("OK") == CALLS);
    assertEverythingEnded();
  }

  private void assertEverythingEnded() {
    assertThat(gauge.liveStreams()).isEmpty();
    assertThat(sum("grpc_server_started_total", "")).isEqualTo(CALLS);
    assertThat(sum("grpc_server_handled_total", "")).isEqualTo(CALLS);
    assertThat(sum("streamgauge_faults_total", "")).isZero();
  }

  private double handled(String code) {
    return sum("grpc_server_handled_total", code);
  }

  /** Over the series that have that label value, or over all for none. */
  private double sum(String name, String value) {
    double sum = 0;
    for (var family : java.util.Collections.list(registry.metricFamilySamples())) {
      for (var sample : family.samples) {
        if (sample.name.equals(name) && (value.isEmpty() || sample.labelValues.contains(value))) {
          sum += sample.value;
        }
      }
    }
    return sum;
  }
}
