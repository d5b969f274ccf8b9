package io.streamgauge.ordersync.server;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.api.OpenTelemetry;
import io.prometheus.client.CollectorRegistry;
import io.streamgauge.Streamgauge;
import io.streamgauge.ordersync.flow.FlowLimits;
import io.streamgauge.ordersync.flow.OverflowPolicy;
import io.streamgauge.ordersync.telemetry.Attachment;
import io.streamgauge.ordersync.telemetry.InCode;
import io.streamgauge.ordersync.v1.OrderStatus;
import io.streamgauge.ordersync.v1.OrderStatusAck;
import io.streamgauge.ordersync.v1.OrderStatusUpdate;
import io.streamgauge.ordersync.v1.OrderSyncGrpc;
import io.streamgauge.ordersync.v1.RefusalReason;
import io.streamgauge.testkit.fixture.Await;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The server over real sockets, with a real database and a real second hop. */
class OrderSyncServerTest {

  @TempDir Path directory;

  private final CollectorRegistry registry = new CollectorRegistry();
  private final Streamgauge gauge = Streamgauge.builder().prometheus(registry).build();
  private final Attachment attachment =
      new InCode(gauge, OpenTelemetry.noop().getTracer("test"), gauge::close);

  /** Without a limit of rate: what is to be seen here is the window. */
  private final FlowLimits limits =
      new FlowLimits(5_000, 2_500, OverflowPolicy.REJECT_NEW, 2_000, 100_000, 2_000, 1_800);

  private ServerRig rig;
  private OrderSyncServer server;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws Exception {
    rig = ServerRig.start(attachment, directory, 0, () -> limits, null);
    server = rig.server();
    channel =
        NettyChannelBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()))
            .flowControlWindow(65_535) // acks fill it soon
            .usePlaintext()
            .build();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    rig.close();
    attachment.close();
  }

  private static final class Client
      implements ClientResponseObserver<OrderStatusUpdate, OrderStatusAck> {
    final List<OrderStatusAck> acks = new CopyOnWriteArrayList<>();
    ClientCallStreamObserver<OrderStatusUpdate> requests;
    volatile boolean completed;
    private final boolean reads;

    Client(boolean reads) {
      this.reads = reads;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<OrderStatusUpdate> requests) {
      this.requests = requests;
      if (!reads) {
        requests.disableAutoRequestWithInitial(0);
      }
    }

    @Override
    public void onNext(OrderStatusAck ack) {
      acks.add(ack);
    }

    @Override
    public void onError(Throwable t) {}

    @Override
    public void onCompleted() {
      completed = true;
    }
  }

  private Client connect(boolean reads) {
    Client client = new Client(reads);
    OrderSyncGrpc.newStub(channel).syncOrderStatus(client);
    return client;
  }

  private static OrderStatusUpdate update(long sequence, String order, int status) {
    return OrderStatusUpdate.newBuilder()
        .setClientId("client")
        .setSequence(sequence)
        .setOrderId(order)
        .setVersion(status)
        .setStatus(OrderStatus.forNumber(status))
        .build();
  }

  private long rows(String table) throws Exception {
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("orders.db"));
        ResultSet count =
            connection.createStatement().executeQuery("SELECT count(*) FROM " + table)) {
      return count.getLong(1);
    }
  }

  /**
   * Notices that this server knows to be answered. Fulfilment may have answered more: a notice
   * whose deadline passed on a loaded machine is sent again.
   */
  private double noticesAnswered() {
    Double sample =
        registry.getSampleValue(
            "grpc_client_handled_total",
            new String[] {"grpc_type", "grpc_service", "grpc_method", "gray_tag", "grpc_code"},
            new String[] {"unary", "ordersync.v1.Fulfilment", "Notify", "baseline", "OK"});
    return sample == null ? 0 : sample;
  }

  /** As grpcurl asks. */
  @Test
  void itsServicesCanBeAskedFor() throws Exception {
    BlockingQueue<ServerReflectionResponse> answers = new LinkedBlockingQueue<>();
    StreamObserver<ServerReflectionRequest> questions =
        ServerReflectionGrpc.newStub(channel)
            .serverReflectionInfo(
                new StreamObserver<>() {
                  @Override
                  public void onNext(ServerReflectionResponse answer) {
                    answers.add(answer);
                  }

                  @Override
                  public void onError(Throwable t) {}

                  @Override
                  public void onCompleted() {}
                });
    questions.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
    ServerReflectionResponse answer = Await.next(answers);
    questions.onCompleted();

    assertThat(answer.getListServicesResponse().getServiceList())
        .extracting(ServiceResponse::getName)
        .contains(OrderSyncGrpc.SERVICE_NAME, "grpc.health.v1.Health");
  }

  @Test
  void whileItDrainsOpenStreamsFinishAndNewOnesAreRefused() throws Exception {
    Client open = connect(true);
    open.requests.onNext(update(1, "a", 1));
    await().until(() -> open.acks.size() == 1);
    assertThat(state("active")).isEqualTo(1);
    Thread closing = new Thread(server::close, "closing");
    closing.start();
    await().until(() -> state("draining") == 1);

    AtomicReference<Throwable> refused = new AtomicReference<>();
    OrderSyncGrpc.newStub(channel)
        .syncOrderStatus(
            new StreamObserver<>() {
              @Override
              public void onNext(OrderStatusAck ack) {}

              @Override
              public void onError(Throwable t) {
                refused.set(t);
              }

              @Override
              public void onCompleted() {}
            });
    await().until(() -> refused.get() != null);
    assertThat(Status.fromThrowable(refused.get()).getCode()).isEqualTo(Status.Code.UNAVAILABLE);

    open.requests.onNext(update(2, "a", 2));
    await().until(() -> open.acks.size() == 2);
    open.requests.onCompleted();
    await().until(() -> open.completed);
    closing.join(TimeUnit.SECONDS.toMillis(20));
    assertThat(state("closed")).isEqualTo(1);
    assertThat(rows("history")).isEqualTo(2);
  }

  private static double state(String name) {
    return CollectorRegistry.defaultRegistry.getSampleValue(
        "ordersync_state", new String[] {"state"}, new String[] {name});
  }

  @Test
  void anOrderGoesThroughItsLifeAndFulfilmentIsToldOnce() throws Exception {
    Client client = connect(true);
    for (int status = 1; status <= 5; status++) {
      client.requests.onNext(update(status, "a", status));
    }
    client.requests.onCompleted();

    await().until(() -> client.completed);
    assertThat(client.acks).hasSize(5).allMatch(OrderStatusAck::getAccepted);
    assertThat(client.acks)
        .extracting(OrderStatusAck::getSequence)
        .containsExactly(1L, 2L, 3L, 4L, 5L);
    assertThat(rows("history")).isEqualTo(5);
    await().until(() -> noticesAnswered() == 1);
  }

  @Test
  void anUpdateWithoutOrderIdIsRefusedWithAReasonAndNothingIsStored() throws Exception {
    Client client = connect(true);
    client.requests.onNext(update(1, "", 1));

    await().until(() -> client.acks.size() == 1);
    assertThat(client.acks.get(0).getAccepted()).isFalse();
    assertThat(client.acks.get(0).getReason()).isEqualTo(RefusalReason.REFUSAL_REASON_INVALID);
    assertThat(client.acks.get(0).getDetail()).isNotEmpty();
    assertThat(rows("history")).isZero();
    assertThat(rows("orders")).isZero();
    client.requests.onCompleted();
    await().until(() -> client.completed);
  }

  @Test
  void illegalJumpsAndStaleVersionsAreRefused() {
    Client client = connect(true);
    client.requests.onNext(update(1, "a", 1));
    client.requests.onNext(update(2, "a", 3));
    client.requests.onNext(update(3, "a", 1));
    client.requests.onCompleted();

    await().until(() -> client.completed);
    assertThat(client.acks)
        .extracting(OrderStatusAck::getReason)
        .containsExactly(
            RefusalReason.REFUSAL_REASON_UNSPECIFIED,
            RefusalReason.REFUSAL_REASON_ILLEGAL_TRANSITION,
            RefusalReason.REFUSAL_REASON_STALE_VERSION);
  }

  @Test
  void aResumedStreamGetsTheSameAnswersAndNothingIsAppliedTwice() throws Exception {
    Client first = connect(true);
    first.requests.onNext(update(1, "a", 1));
    first.requests.onNext(update(2, "a", 2));
    await().until(() -> first.acks.size() == 2);
    first.requests.cancel("the network fails", null);

    Client second = connect(true);
    second.requests.onNext(update(1, "a", 1));
    second.requests.onNext(update(2, "a", 2));
    second.requests.onNext(update(3, "a", 3));
    second.requests.onCompleted();
    await().until(() -> second.completed);

    assertThat(second.acks).hasSize(3).allMatch(OrderStatusAck::getAccepted);
    assertThat(rows("history")).isEqualTo(3);
  }

  @Test
  void aClientThatSendsWithoutReadingFillsTheWindowAndNoMore() throws Exception {
    Client client = connect(false);
    int updates = 20_000;
    for (int i = 1; i <= updates; i++) {
      client.requests.onNext(update(i, "order-" + i, 1));
    }
    // The acks fill the HTTP/2 window; from then on nothing more may be taken in.
    await()
        .until(
            () -> {
              long before = rows("history");
              return before > 1_000 && isAtRest(before);
            });
    long stored = rows("history");
    assertThat(stored).isLessThan(updates);
    await()
        .untilAsserted(
            () -> {
              double sent = bidi("grpc_server_msg_sent_total");
              double received = bidi("grpc_server_msg_received_total");
              assertThat(received - sent).isBetween(0.0, (double) SyncStream.WINDOW);
            });
    assertThat(client.acks).isEmpty();

    client.requests.request(updates);
    client.requests.onCompleted();
    await().until(() -> client.completed);
    assertThat(client.acks).hasSize(updates).allMatch(OrderStatusAck::getAccepted);
    assertThat(rows("history")).isEqualTo(updates);
  }

  private boolean isAtRest(long before) throws Exception {
    for (int i = 0; i < 10; i++) {
      TimeUnit.MILLISECONDS.sleep(30); // an interval to look over, not a wait for something
      if (rows("history") != before) {
        return false;
      }
    }
    return true;
  }

  private double bidi(String name) {
    Double sample =
        registry.getSampleValue(
            name,
            new String[] {"grpc_type", "grpc_service", "grpc_method", "gray_tag"},
            new String[] {"bidi_stream", "ordersync.v1.OrderSync", "SyncOrderStatus", "baseline"});
    return sample == null ? 0 : sample;
  }

  @Test
  void aReplayedShipmentIsNotToldTwice() throws Exception {
    Client first = connect(true);
    for (int status = 1; status <= 3; status++) {
      first.requests.onNext(update(status, "a", status));
    }
    await().until(() -> first.acks.size() == 3);
    first.requests.cancel("the network fails", null);
    Client second = connect(true);
    for (int status = 1; status <= 4; status++) {
      second.requests.onNext(update(status, "a", status));
    }
    second.requests.onCompleted();
    await().until(() -> second.completed);

    assertThat(second.acks).hasSize(4).allMatch(OrderStatusAck::getAccepted);
    await().until(() -> noticesAnswered() == 1);
  }
}
