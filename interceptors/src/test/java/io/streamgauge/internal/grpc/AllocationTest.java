package io.streamgauge.internal.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.prometheus.client.CollectorRegistry;
import io.streamgauge.Streamgauge;
import io.streamgauge.contract.LibrarySubject;
import io.streamgauge.testkit.fixture.Gate;
import io.streamgauge.testkit.fixture.TestMethods;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * The counting path allocates nothing: exact counts of the JVM's allocation counter, not timing.
 * The calls below us allocate nothing either, so whatever is counted is ours.
 */
@Gate("R9")
@Isolated("the compiler must keep up with it")
class AllocationTest {

  private static final int MESSAGES = 1_000_000;

  /** What the harness itself may cost, once, over a million messages. */
  private static final long NOISE = 4_096;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @SuppressWarnings("NonFinalStaticField") // keeps the JIT from removing what is boxed on purpose
  static volatile Object sink;

  private final CollectorRegistry registry = new CollectorRegistry();
  private final Streamgauge gauge = Streamgauge.builder().prometheus(registry).build();

  private static long allocatedBy(Runnable work) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    work.run();
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }

  @Test
  void aServerStreamOfAMillionMessagesAllocatesNothing() {
    ServerSide side = new ServerSide(false);
    side.run(); // classes load, the JIT compiles
    assertThat(allocatedBy(side)).isLessThan(NOISE);
    assertThat(scrape("grpc_server_msg_received_total")).isEqualTo(2 * MESSAGES);
    assertThat(scrape("grpc_server_msg_sent_total")).isEqualTo(2 * MESSAGES);
  }

  @Test
  void aClientStreamOfAMillionMessagesAllocatesNothing() {
    ClientSide side = new ClientSide();
    side.run();
    assertThat(allocatedBy(side)).isLessThan(NOISE);
    assertThat(scrape("grpc_client_msg_received_total")).isEqualTo(2 * MESSAGES);
    assertThat(scrape("grpc_client_msg_sent_total")).isEqualTo(2 * MESSAGES);
  }

  @Test
  void oneBoxingPerMessageWouldBeSeen() {
    ServerSide side = new ServerSide(true);
    side.run();
    assertThat(allocatedBy(side)).isGreaterThan(16L * MESSAGES - NOISE);
  }

  private double scrape(String name) {
    return LibrarySubject.scrape(registry).sum(name);
  }

  private final class ServerSide implements Runnable {
    private final ServerStreamTracer tracer =
        gauge
            .serverStreamTracerFactory()
            .newServerStreamTracer(TestMethods.BIDI.getFullMethodName(), new Metadata());
    private final ServerCall.Listener<String> listener;
    private ServerCall<String, String> call;

    ServerSide(boolean boxing) {
      io.grpc.Context context = tracer.filterContext(io.grpc.Context.ROOT);
      io.grpc.Context previous = context.attach();
      try {
        listener =
            gauge
                .serverInterceptor()
                .interceptCall(
                    new SilentServerCall(),
                    new Metadata(),
                    (serverCall, headers) -> {
                      call = serverCall;
                      return new ServerCall.Listener<>() {
                        private int seen;

                        @Override
                        public void onMessage(String message) {
                          seen++;
                          if (boxing) {
                            sink = Long.valueOf(1_000_000L + seen);
                          }
                        }
                      };
                    });
      } finally {
        context.detach(previous);
      }
    }

    @Override
    public void run() {
      for (int i = 0; i < MESSAGES; i++) {
        tracer.inboundMessage(i);
        tracer.inboundWireSize(70);
        tracer.inboundMessageRead(i, 70, 64);
        call.request(1);
        listener.onMessage("x");
        call.isReady();
        call.sendMessage("x");
        tracer.outboundMessage(i);
        tracer.outboundMessageSent(i, 70, 64);
        tracer.outboundWireSize(70);
        listener.onReady();
      }
    }
  }

  private final class ClientSide implements Runnable {
    private ClientStreamTracer tracer;
    private ClientCall.Listener<String> listener;
    private final ClientCall<String, String> call;

    ClientSide() {
      call =
          gauge
              .clientInterceptor()
              .interceptCall(TestMethods.BIDI, CallOptions.DEFAULT, new SilentChannel(this));
      call.start(new ClientCall.Listener<>() {}, new Metadata());
    }

    @Override
    public void run() {
      for (int i = 0; i < MESSAGES; i++) {
        call.sendMessage("x");
        tracer.outboundMessage(i);
        tracer.outboundMessageSent(i, 70, 64);
        tracer.outboundWireSize(70);
        call.request(1);
        tracer.inboundMessage(i);
        tracer.inboundWireSize(70);
        tracer.inboundMessageRead(i, 70, 64);
        listener.onMessage("x");
        call.isReady();
        listener.onReady();
      }
    }
  }

  /** Hands the factory's tracer and our listener to the test and does nothing else. */
  private static final class SilentChannel extends Channel {
    private final ClientSide side;

    SilentChannel(ClientSide side) {
      this.side = side;
    }

    @Override
    public String authority() {
      return "nowhere";
    }

    @Override
    @SuppressWarnings("unchecked")
    public <ReqT, RespT> ClientCall<ReqT, RespT> newCall(
        MethodDescriptor<ReqT, RespT> method, CallOptions options) {
      side.tracer =
          options
              .getStreamTracerFactories()
              .get(0)
              .newClientStreamTracer(
                  ClientStreamTracer.StreamInfo.newBuilder().setCallOptions(options).build(),
                  new Metadata());
      return new ClientCall<>() {
        @Override
        public void start(Listener<RespT> listener, Metadata headers) {
          side.listener = (ClientCall.Listener<String>) listener;
        }

        @Override
        public void request(int messages) {}

        @Override
        public void cancel(String message, Throwable cause) {}

        @Override
        public void halfClose() {}

        @Override
        public void sendMessage(ReqT message) {}
      };
    }
  }

  private static final class SilentServerCall extends ServerCall<String, String> {
    @Override
    public void request(int messages) {}

    @Override
    public void sendHeaders(Metadata headers) {}

    @Override
    public void sendMessage(String message) {}

    @Override
    public void close(Status status, Metadata trailers) {}

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public MethodDescriptor<String, String> getMethodDescriptor() {
      return TestMethods.BIDI;
    }

    @Override
    public Attributes getAttributes() {
      return Attributes.EMPTY;
    }
  }
}
