package io.streamgauge.internal.grpc;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.prometheus.client.CollectorRegistry;
import io.streamgauge.Streamgauge;
import io.streamgauge.contract.LibrarySubject;
import io.streamgauge.testkit.fixture.Await;
import io.streamgauge.testkit.fixture.Gate;
import io.streamgauge.testkit.fixture.GateCases;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestPair;
import io.streamgauge.testkit.fixture.TestSeries;
import io.streamgauge.testkit.fixture.TestTransport;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every call ends exactly once, whatever the mix (gate R4); nothing is left, nothing falls. */
@Tag("leak")
@Gate("R4")
class EndTest {

  private static final boolean FULL = Boolean.getBoolean("test.full");
  private static final int CALLS = FULL ? 1_000_000 : 50_000;
  private static final int AT_ONCE = 64;

  private final CollectorRegistry registry = new CollectorRegistry();
  private final Streamgauge gauge = Streamgauge.builder().prometheus(registry).build();
  private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
  private final Map<String, Double> last = new HashMap<>();

  /** Gauges are at least 0 and counters never fall. */
  private void look() {
    for (TestSeries.Sample sample : LibrarySubject.scrape(registry).all()) {
      if (sample.value() < 0) {
        wrong.add("negative: " + sample);
      }
      if (sample.name().endsWith("_total")
          || sample.name().endsWith("_count")
          || sample.name().endsWith("_bucket")) {
        Double before = last.put(sample.name() + sample.labels(), sample.value());
        if (before != null && before > sample.value()) {
          wrong.add("fell from " + before + ": " + sample);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = TestTransport.class,
      names = {"NETTY_SHADED", "IN_PROCESS"})
  void aMixOfEndingsIsCountedOnceEach(TestTransport transport) throws Exception {
    TestPair pair = TestPair.open(transport, gauge::install, gauge::install);
    ManagedChannel channel = pair.channel();
    ScheduledExecutorService scraper = Executors.newSingleThreadScheduledExecutor();
    var scraping = scraper.scheduleAtFixedRate(this::look, 100, 100, TimeUnit.MILLISECONDS);
    int calls = CALLS / 2;
    Semaphore free = new Semaphore(AT_ONCE);
    Random random = new Random(7);
    Map<Status.Code, Integer> ends = new HashMap<>();
    for (int i = 0; i < calls; i++) {
      Await.acquire(free, 1);
      start(channel, random.nextInt(100), free, ends);
    }
    Await.acquire(free, AT_ONCE);

    await()
        .untilAsserted(
            () -> {
              TestSeries series = LibrarySubject.scrape(registry);
              assertThat(series.sum("grpc_client_started_total")).isEqualTo(calls);
              assertThat(series.sum("grpc_client_handled_total")).isEqualTo(calls);
              assertThat(series.sum("grpc_server_handled_total"))
                  .isEqualTo(series.sum("grpc_server_started_total"));
              assertThat(series.sum("grpc_stream_active")).isZero();
              assertThat(series.sum("grpc_stream_buffer_depth")).isZero();
              assertThat(series.sum("grpc_stream_demand")).isZero();
            });
    assertThat(scraping.isDone()).as("a look that threw").isFalse();
    scraping.cancel(false);
    scraper.shutdown();
    Await.terminated(scraper);
    look();
    assertThat(wrong).isEmpty();
    assertThat(last).isNotEmpty();
    TestSeries series = LibrarySubject.scrape(registry);
    ends.forEach(
        (code, count) ->
            assertThat(series.sum("grpc_client_handled_total", "grpc_code", label(code)))
                .as(code.name())
                .isEqualTo((double) count));
    assertThat(series.sum("streamgauge_faults_total")).isZero();
    assertThat(ends.keySet()).hasSizeGreaterThanOrEqualTo(4);
    GateCases.add(calls);
    pair.close();
    gauge.close();
  }

  /** As the metric spells it. */
  private static String label(Status.Code code) {
    return switch (code) {
      case OK -> "OK";
      case ABORTED -> "Aborted";
      case CANCELLED -> "Canceled";
      case DEADLINE_EXCEEDED -> "DeadlineExceeded";
      default -> throw new IllegalStateException("nobody asked for " + code);
    };
  }

  /** 60 % ok, 15 % error, 15 % cancelled, 10 % over their deadline. */
  private static void start(
      ManagedChannel channel, int dice, Semaphore free, Map<Status.Code, Integer> ends) {
    CallOptions options = CallOptions.DEFAULT;
    String command = "hello";
    if (dice >= 60 && dice < 75) {
      command = "fail:ABORTED";
    } else if (dice >= 75) {
      command = "hang";
    }
    if (dice >= 90) {
      options = options.withDeadlineAfter(2, TimeUnit.MILLISECONDS);
    }
    ClientCall<String, String> call = channel.newCall(TestMethods.BIDI, options);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            synchronized (ends) {
              ends.merge(status.getCode(), 1, Integer::sum);
            }
            free.release();
          }
        },
        new Metadata());
    call.request(2);
    call.sendMessage(command);
    call.halfClose();
    if (dice >= 75 && dice < 90) {
      call.cancel("on purpose", null);
    }
  }

  @Test
  void tenThousandCallsCancelledBeforeTheyStartLeaveNothing() throws Exception {
    TestPair pair = TestPair.open(TestTransport.NETTY_SHADED, gauge::install, gauge::install);
    ManagedChannel channel = pair.channel();
    for (int i = 0; i < 10_000; i++) {
      ClientCall<String, String> call = channel.newCall(TestMethods.BIDI, CallOptions.DEFAULT);
      if (i % 2 == 0) {
        call.start(new ClientCall.Listener<>() {}, new Metadata());
      }
      call.cancel("before anything happened", null);
    }

    await().until(() -> gauge.liveStreams().isEmpty());
    TestSeries series = LibrarySubject.scrape(registry);
    assertThat(series.sum("grpc_client_started_total")).isEqualTo(5_000);
    assertThat(series.sum("grpc_client_handled_total")).isEqualTo(5_000);
    pair.close();
    gauge.close();
  }

  @Test
  void randomMethodNamesAddAtMostOneSeries() throws Exception {
    // The attacker is not watched: what counts is what the server makes of him.
    TestPair pair = TestPair.open(TestTransport.IN_PROCESS, gauge::install, channel -> {});
    ManagedChannel channel = pair.channel();
    int calls = FULL ? 1_000_000 : 20_000;
    Semaphore free = new Semaphore(AT_ONCE);
    for (int i = 0; i < calls; i++) {
      Await.acquire(free, 1);
      ClientCall<String, String> call =
          channel.newCall(TestMethods.unary("made.up.S" + i + "/M" + i), CallOptions.DEFAULT);
      call.start(
          new ClientCall.Listener<>() {
            @Override
            public void onClose(Status status, Metadata trailers) {
              free.release();
            }
          },
          new Metadata());
      call.request(2);
      call.sendMessage("hello");
      call.halfClose();
    }

    await().until(() -> LibrarySubject.scrape(registry).sum("grpc_server_handled_total") == calls);
    assertThat(LibrarySubject.scrape(registry).find("grpc_server_started_total")).hasSize(1);
    pair.close();
    gauge.close();
  }
}
