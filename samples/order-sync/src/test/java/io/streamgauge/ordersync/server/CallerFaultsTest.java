package io.streamgauge.ordersync.server;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.opentelemetry.api.OpenTelemetry;
import io.streamgauge.Streamgauge;
import io.streamgauge.ordersync.flow.FlowLimits;
import io.streamgauge.ordersync.telemetry.CallerFaults;
import io.streamgauge.ordersync.telemetry.InCode;
import io.streamgauge.ordersync.telemetry.LogLines;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What callers send that is no message, and what the log has of it. */
class CallerFaultsTest {

  private static final int TIMES = 200;
  private static final byte[] JUNK = {(byte) 0xff, (byte) 0xff, 1, 2, 3};

  private static final MethodDescriptor.Marshaller<byte[]> BYTES =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] bytes) {
          return new ByteArrayInputStream(bytes);
        }

        @Override
        public byte[] parse(InputStream stream) {
          try {
            return stream.readAllBytes();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      };

  private final Streamgauge gauge = Streamgauge.builder().build();
  private final InCode attachment =
      new InCode(gauge, OpenTelemetry.noop().getTracer("test"), gauge::close);
  private final List<Status> ends = new CopyOnWriteArrayList<>();
  private ServerRig rig;
  private ManagedChannel channel;
  private LogLines logged;

  @BeforeEach
  void start() throws Exception {
    rig = ServerRig.start(attachment, new HeldStore(), 0, () -> FlowLimits.DEFAULT, null);
    channel =
        NettyChannelBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), rig.server().port()))
            .usePlaintext()
            .build();
    CallerFaults.flush();
    logged = new LogLines();
  }

  @AfterEach
  void stop() {
    logged.close();
    channel.shutdownNow();
    rig.close();
    attachment.close();
  }

  private void send(String method, MethodType type, byte[] body) {
    ClientCall<byte[], byte[]> call =
        channel.newCall(
            MethodDescriptor.newBuilder(BYTES, BYTES)
                .setFullMethodName(method)
                .setType(type)
                .build(),
            CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            ends.add(status);
          }
        },
        new Metadata());
    call.request(1);
    call.sendMessage(body);
    call.halfClose();
  }

  private void assertFewLines(int kinds) {
    CallerFaults.flush();
    // At most the first of a kind and how many more there were.
    assertThat(logged.lines()).hasSizeBetween(kinds, 2 * kinds);
    assertThat(logged.records()).allMatch(each -> each.getThrown() == null);
    assertThat(logged.lines()).allMatch(line -> line.startsWith("a caller"));
  }

  @Test
  void messagesThatCannotBeParsedAreALineAndACount() {
    for (int i = 0; i < TIMES; i++) {
      send("ordersync.v1.OrderSync/SyncOrderStatus", MethodType.BIDI_STREAMING, JUNK);
      send("grpc.health.v1.Health/Check", MethodType.UNARY, JUNK);
    }
    await().until(ends::size, size -> size == 2 * TIMES);
    assertFewLines(1);
  }

  @Test
  void messagesThatAreTooLongAreALineAndACount() {
    for (int i = 0; i < TIMES; i++) {
      send("ordersync.v1.OrderSync/SyncOrderStatus", MethodType.BIDI_STREAMING, new byte[100_000]);
    }
    await().until(ends::size, size -> size == TIMES);
    assertFewLines(1);
  }

  @Test
  void connectionsThatAreNoHttp2AreALineAndACount() throws Exception {
    for (int i = 0; i < TIMES; i++) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), rig.server().port())) {
        socket
            .getOutputStream()
            .write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        socket.getInputStream().readAllBytes();
      }
    }
    assertFewLines(1);
  }
}
