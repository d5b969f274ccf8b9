package io.streamgauge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.prometheus.client.CollectorRegistry;
import io.streamgauge.testkit.Gate;
import io.streamgauge.testkit.GateCases;
import io.streamgauge.testkit.TestMethods;
import io.streamgauge.testkit.TestPair;
import io.streamgauge.testkit.TestSeries;
import io.streamgauge.testkit.TestTransport;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Every stream that starts ends once, however it ends (gate R4): 60 % answered, 15 % failed, 15 %
 * cancelled, 10 % out of time; a million with {@code -Pfull}.
 */
@Tag("leak")
@Gate("R4")
class EndOnceTest {

  private static final int IN_FLIGHT = 64;

  private final CollectorRegistry registry = new CollectorRegistry();

  @Test
  void startedIsEndedAndNothingIsLeft() throws Exception {
    int calls = Boolean.getBoolean("test.full") ? 1_000_000 : 30_000;
    Map<Status.Code, LongAdder> ends = new ConcurrentHashMap<>();
    try (Streamgauge gauge = Streamgauge.builder().prometheus(registry).build();
        TestPair pair = TestPair.open(TestTransport.NETTY_SHADED, gauge::install, gauge::install)) {
      Semaphore room = new Semaphore(IN_FLIGHT);
      Random random = new Random(4);
      for (int i = 0; i < calls; i++) {
        room.acquire();
        one(pair.channel(), random.nextInt(100), room, ends);
      }
      room.acquire(IN_FLIGHT);

      await().atMost(20, TimeUnit.SECONDS).until(() -> gauge.liveStreams().isEmpty());
      TestSeries seen = LibrarySubject.scrape(registry);
      assertThat(seen.sum("grpc_client_started_total")).isEqualTo(calls);
      assertThat(seen.sum("grpc_client_handled_total")).isEqualTo(calls);
      // A call cancelled early enough never reaches the server.
      assertThat(seen.sum("grpc_server_handled_total"))
          .isEqualTo(seen.sum("grpc_server_started_total"))
          .isBetween(0.8 * calls, (double) calls);
      assertThat(seen.sum("grpc_stream_active")).isZero();
      assertThat(seen.sum("grpc_stream_buffer_depth")).isZero();
      assertThat(seen.sum("streamgauge_faults_total")).isZero();
      new TreeMap<>(ends)
          .forEach(
              (code, count) ->
                  assertThat(seen.sum("grpc_client_handled_total", "grpc_code", label(code)))
                      .as(code.name())
                      .isEqualTo(count.sum()));
      GateCases.add(calls);
    }
  }

  /** As the metric spells it. */
  private static String label(Status.Code code) {
    return switch (code) {
      case OK -> "OK";
      case NOT_FOUND -> "NotFound";
      case CANCELLED -> "Canceled";
      case DEADLINE_EXCEEDED -> "DeadlineExceeded";
      default -> throw new IllegalStateException("nobody asked for " + code);
    };
  }

  private static void one(
      ManagedChannel channel, int dice, Semaphore room, Map<Status.Code, LongAdder> ends) {
    boolean late = dice >= 90;
    boolean cancelled = !late && dice >= 75;
    String command = late || cancelled ? "hang" : dice >= 60 ? "fail:NOT_FOUND" : "hello";
    CallOptions options =
        late
            ? CallOptions.DEFAULT.withDeadlineAfter(1 + dice % 5, TimeUnit.MILLISECONDS)
            : CallOptions.DEFAULT;
    ClientCall<String, String> call = channel.newCall(TestMethods.UNARY, options);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            ends.computeIfAbsent(status.getCode(), code -> new LongAdder()).increment();
            room.release();
          }
        },
        new Metadata());
    call.request(2);
    call.sendMessage(command);
    call.halfClose();
    if (cancelled) {
      call.cancel("asked for it", null);
    }
  }
}
