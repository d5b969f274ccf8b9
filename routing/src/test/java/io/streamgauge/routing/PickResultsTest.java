package io.streamgauge.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grpc.Attributes;
import io.grpc.ClientStreamTracer;
import io.grpc.LoadBalancer.PickResult;
import io.grpc.LoadBalancer.Subchannel;
import io.grpc.Metadata;
import java.lang.invoke.MethodHandle;
import org.junit.jupiter.api.Test;

/** On both grpc versions: what the newer one has beside a connection is copied. */
class PickResultsTest {

  private final Subchannel connection =
      new Subchannel() {
        @Override
        public void shutdown() {}

        @Override
        public void requestConnection() {}

        @Override
        public Attributes getAttributes() {
          return Attributes.EMPTY;
        }
      };
  private final ClientStreamTracer.Factory tracer =
      new ClientStreamTracer.Factory() {
        @Override
        public ClientStreamTracer newClientStreamTracer(
            ClientStreamTracer.StreamInfo info, Metadata headers) {
          return new ClientStreamTracer() {};
        }
      };

  @Test
  void aCopyHasTheConnectionAndTheOtherTracer() {
    PickResult copy = PickResults.withTracer(PickResult.withSubchannel(connection), tracer);
    assertThat(copy.getSubchannel()).isSameAs(connection);
    assertThat(copy.getStreamTracerFactory()).isSameAs(tracer);
    assertThat(copy.getStatus().isOk()).isTrue();
  }

  /** As on 1.75 to 1.79, which have an authority and no copy that keeps it. */
  @Test
  void anAuthorityIsCopiedOnVersionsInBetweenToo() throws Throwable {
    MethodHandle copy = PickResults.copyWithAuthority();
    assumeTrue(copy != null, "1.75 has it, 1.68 not yet");
    PickResult picked =
        (PickResult)
            PickResult.class
                .getMethod(
                    "withSubchannel",
                    Subchannel.class,
                    ClientStreamTracer.Factory.class,
                    String.class)
                .invoke(null, connection, null, "orders.example");
    PickResult copied = (PickResult) copy.invokeExact(picked, tracer);
    assertThat(copied.getSubchannel()).isSameAs(connection);
    assertThat(copied.getStreamTracerFactory()).isSameAs(tracer);
    assertThat(PickResult.class.getMethod("getAuthorityOverride").invoke(copied))
        .isEqualTo("orders.example");
  }
}
