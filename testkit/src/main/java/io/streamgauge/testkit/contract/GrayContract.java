package io.streamgauge.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerBuilder;
import io.grpc.Status;
import io.streamgauge.testkit.fixture.Await;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestHop;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestTransport;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A tag that comes in at the first hop is there at the last, and no other is. */
public abstract class GrayContract extends StreamContract {

  /** What the subject must allow. */
  public static final String ALLOW = "blue,green,red,gold,gray";

  private static final int HOPS = 4;

  /** Of each of the four combinations: 10,000 in all, unless more are asked for. */
  private static final int CALLS = Integer.getInteger("streamgauge.gray.calls", 2_500);

  private static final int AT_ONCE = 200;

  /** Null is a call without a tag, on the threads of the others. */
  private static final List<String> TAGS =
      Arrays.asList("blue", "green", "red", null, "gold", "gray");

  protected GrayContract(Supplier<StreamSubject> subjects, TestTransport transport) {
    super(subjects, transport);
  }

  /** A channel to the first of some hops, the executor of all servers and channels given. */
  private ManagedChannel chain(ExecutorService pool) throws Exception {
    ManagedChannel next = null;
    for (int hop = 0; hop < HOPS; hop++) {
      ServerBuilder<?> server = transport().server().addService(TestHop.create(next));
      subject.attach(server);
      server = pool == null ? server.directExecutor() : server.executor(pool);
      ManagedChannelBuilder<?> builder = transport().channel(start(server));
      subject.attach(builder);
      next = open(pool == null ? builder.directExecutor() : builder.executor(pool));
    }
    return next;
  }

  @ParameterizedTest(name = "{0}, {1} threads")
  @CsvSource({"UNARY,0", "UNARY,4", "BIDI,0", "BIDI,4"})
  void noTagIsLostOrMixedOverFourHops(String kind, int threads) throws Exception {
    ExecutorService pool = threads == 0 ? null : Executors.newFixedThreadPool(threads);
    ManagedChannel first = chain(pool);
    MethodDescriptor<String, String> method =
        kind.equals("UNARY") ? TestMethods.UNARY : TestMethods.BIDI;
    Queue<String> wrong = new ConcurrentLinkedQueue<>();
    Semaphore room = new Semaphore(AT_ONCE);
    for (int i = 0; i < CALLS; i++) {
      Await.acquire(room, 1);
      call(first, method, TAGS.get(i % TAGS.size()), wrong, room);
    }
    Await.acquire(room, AT_ONCE);

    assertThat(wrong).isEmpty();
    assertThat(subject.scrape().sum("grpc_gray_lost_total", "where", "in_process")).isZero();
    assertThat(subject.scrape().sum("grpc_server_started_total", "gray_tag", "blue"))
        .isEqualTo(HOPS * ((CALLS + 5) / TAGS.size()));
    if (pool != null) {
      pool.shutdown();
    }
  }

  private static void call(
      ManagedChannel channel,
      MethodDescriptor<String, String> method,
      String tag,
      Queue<String> wrong,
      Semaphore room) {
    ClientCall<String, String> call = channel.newCall(method, CallOptions.DEFAULT);
    Metadata headers = new Metadata();
    if (tag != null) {
      headers.put(TestHop.TAG, tag);
    }
    String expected = tag == null ? "null|null|null" : tag + "|" + tag + "|gray.tag=" + tag;
    call.start(new Answer(expected, wrong, room), headers);
    call.request(2);
    call.sendMessage("go");
    call.halfClose();
  }

  private static final class Answer extends ClientCall.Listener<String> {
    private final String expected;
    private final Queue<String> wrong;
    private final Semaphore room;
    private String answer;

    Answer(String expected, Queue<String> wrong, Semaphore room) {
      this.expected = expected;
      this.wrong = wrong;
      this.room = room;
    }

    @Override
    public void onMessage(String message) {
      answer = message;
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      if (!status.isOk() || !expected.equals(answer)) {
        wrong.add(status + ": " + answer + " instead of " + expected);
      }
      room.release();
    }
  }

  private String hopWith(Metadata headers) throws Exception {
    ExecutorService one = Executors.newSingleThreadExecutor();
    try {
      ManagedChannel first = chain(one);
      TestCall call = TestCall.start(first, TestMethods.BIDI, CallOptions.DEFAULT, headers, 10);
      call.send("go");
      call.halfClose();
      assertThat(call.awaitEnd().isOk()).as(call.awaitEnd().toString()).isTrue();
      return call.messages().get(0);
    } finally {
      one.shutdown();
    }
  }

  /** The thread-local leak of a well-known agent: the same thread, and nothing to overwrite it. */
  @Test
  void anUntaggedCallAfterATaggedOneHasNoTag() throws Exception {
    ExecutorService one = Executors.newSingleThreadExecutor();
    ManagedChannel first = chain(one);
    Queue<String> wrong = new ConcurrentLinkedQueue<>();
    Semaphore room = new Semaphore(1);
    for (String tag : Arrays.asList("blue", null, "blue", null)) {
      for (MethodDescriptor<String, String> method : List.of(TestMethods.UNARY, TestMethods.BIDI)) {
        Await.acquire(room, 1);
        call(first, method, tag, wrong, room);
      }
    }
    Await.acquire(room, 1);
    one.shutdown();
    assertThat(wrong).isEmpty();
  }

  /** Over sockets: in process nothing would be mangled. */
  @ParameterizedTest(name = "[{index}] {1}")
  @CsvSource({
    "'灰度', charset",
    "'bl ue', charset",
    "'blue\nx: y', charset",
    "'', length",
    "'abcdefghijklmnopqrstuvwxyz0123456789', length",
    "'purple', not_allowed",
    "'other', not_allowed"
  })
  void whatIsNoTagIsCountedAndGoesNoFurther(String value, String reason) throws Exception {
    Metadata headers = new Metadata();
    headers.put(TestHop.TAG, value);
    assertThat(hopWith(headers)).isEqualTo("null|null|null");
    assertThat(subject.scrape().sum("grpc_gray_rejected_total", "reason", reason)).isEqualTo(1);
  }

  @Test
  void twoTagsAreNone() throws Exception {
    Metadata headers = new Metadata();
    headers.put(TestHop.TAG, "blue");
    headers.put(TestHop.TAG, "green");
    assertThat(hopWith(headers)).isEqualTo("null|null|null");
    assertThat(subject.scrape().sum("grpc_gray_rejected_total", "reason", "conflict")).isEqualTo(1);
  }

  @Test
  void optingOutTravelsAndIsTheBaseline() throws Exception {
    Metadata headers = new Metadata();
    headers.put(TestHop.TAG, "baseline");
    assertThat(hopWith(headers)).isEqualTo("baseline|baseline|gray.tag=baseline");
    assertThat(subject.scrape().sum("grpc_server_started_total", "gray_tag", "baseline"))
        .isEqualTo(HOPS);
  }
}
