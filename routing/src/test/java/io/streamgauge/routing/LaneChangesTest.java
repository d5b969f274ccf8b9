package io.streamgauge.routing;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestMethods;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Lanes that die, come back, go and come under load; attempts of one call. */
class LaneChangesTest {

  /** What breaks off in mid-call is tried again, as an application would have it. */
  private static final Map<String, ?> RETRIES =
      Map.of(
          "methodConfig",
          List.of(
              Map.of(
                  "name",
                  List.of(Map.of("service", TestMethods.SERVICE)),
                  "retryPolicy",
                  Map.of(
                      "maxAttempts",
                      4.0,
                      "initialBackoff",
                      "0.01s",
                      "maxBackoff",
                      "0.1s",
                      "backoffMultiplier",
                      2.0,
                      "retryableStatusCodes",
                      List.of("UNAVAILABLE", "CANCELLED")))));

  private final LaneRig rig = new LaneRig();

  @AfterEach
  void stop() throws Exception {
    rig.close();
  }

  /** Calls one after the other on some threads, until told. */
  private static final class Load implements AutoCloseable {
    private final AtomicInteger calls = new AtomicInteger();
    private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads;
    private volatile boolean over;

    Load(ManagedChannel channel) {
      threads =
          List.of("canary", "canary", "none").stream()
              .map(tag -> new Thread(() -> run(channel, tag.equals("none") ? null : tag)))
              .toList();
      threads.forEach(Thread::start);
    }

    private void run(ManagedChannel channel, String tag) {
      while (!over) {
        try {
          String answer = LaneRig.ask(channel, tag);
          if (tag == null && !answer.equals("baseline")) {
            wrong.add("untagged by " + answer);
          }
        } catch (RuntimeException e) {
          wrong.add(tag + ": " + e.getMessage());
        }
        calls.incrementAndGet();
      }
    }

    void awaitMore(int more) {
      int before = calls.get();
      await().until(() -> calls.get() > before + more);
    }

    @Override
    public void close() throws InterruptedException {
      over = true;
      for (Thread thread : threads) {
        thread.join(TimeUnit.SECONDS.toMillis(40));
      }
    }
  }

  @Test
  void aLaneThatDiesComesBackGoesAndComesFailsNoCall() throws Exception {
    rig.lane("baseline");
    LaneInstance canary = rig.lane("canary");
    ManagedChannel channel = rig.channel(Map.of(), RETRIES);
    assertThat(LaneRig.ask(channel, "canary")).isEqualTo("canary");
    try (Load load = new Load(channel)) {
      load.awaitMore(200);
      canary.kill();
      await().until(() -> rig.attempts("fallback_unhealthy") > 50);
      load.awaitMore(200);

      canary.restore();
      int answered = canary.calls.get();
      await().until(() -> canary.calls.get() > answered + 100); // after the back-off
      double unhealthy = rig.attempts("fallback_unhealthy");

      rig.endpoints("canary");
      await().until(() -> rig.attempts("fallback_no_endpoint") > 50);
      rig.endpoints("canary", canary.address());
      int again = canary.calls.get();
      await().until(() -> canary.calls.get() > again + 100);
      load.awaitMore(200);
      assertThat(rig.attempts("fallback_unhealthy")).isEqualTo(unhealthy);
      load.close();
      assertThat(load.wrong).isEmpty();
    }
  }

  /** One connection for each instance before, one for the lane then. */
  @Test
  void anotherChildPolicyTakesOverWithoutAFailedCall() throws Exception {
    LaneInstance baseline = rig.lane("baseline");
    LaneInstance first = rig.lane("canary");
    LaneInstance second = rig.instance("canary");
    rig.endpoints("canary", first.address(), second.address());
    ManagedChannel channel = rig.channel(Map.of());
    try (Load load = new Load(channel)) {
      await().until(() -> rig.endpoints("canary", "ready") == 2);
      load.awaitMore(200);
      rig.resolvedConfig(
          Map.of("childPolicy", List.of(Map.of("pick_first", Map.of())), "connectWait", "20s"));
      await().until(() -> rig.endpoints("canary", "ready") == 1);
      load.awaitMore(200);
      load.close();
      assertThat(load.wrong).isEmpty();
      assertThat(rig.attempts("match")).isEqualTo(first.calls.get() + second.calls.get());
      assertThat(rig.attempts("baseline")).isEqualTo(baseline.calls.get());
      assertThat(rig.scrape().sum("grpc_gray_attempts_total")).isEqualTo(load.calls.get());
    }
  }

  /** Its connection is kept, so its calls must be too. */
  @Test
  void aLaneWhoseAttributeChangesIsStillItsCalls() throws Exception {
    rig.lane("baseline");
    rig.lane("canary");
    ManagedChannel channel = rig.channel(Map.of("connectWait", "0.1s"));
    await().until(() -> LaneRig.ask(channel, "canary").equals("canary"));
    double slow = rig.attempts("fallback_slow_connect");
    rig.endpointsWithAnotherAttribute();
    // Resolved after it, so that the change has been taken in when this lane is there.
    rig.lane("blue");
    await().until(() -> LaneRig.ask(channel, "blue").equals("blue"));
    double before = rig.attempts("match");
    for (int i = 0; i < 10; i++) {
      assertThat(LaneRig.ask(channel, "canary")).isEqualTo("canary");
    }
    assertThat(rig.attempts("match")).isEqualTo(before + 10);
    assertThat(rig.attempts("fallback_slow_connect")).isEqualTo(slow);
  }

  @Test
  void inStrictModeADeadLaneIsUnavailable() throws Exception {
    rig.lane("baseline");
    LaneInstance canary = rig.lane("canary");
    ManagedChannel channel = rig.channel(Map.of("fallback", "none"));
    assertThat(LaneRig.ask(channel, "canary")).isEqualTo("canary");
    canary.kill();
    await()
        .untilAsserted(
            () ->
                assertThatThrownBy(() -> LaneRig.ask(channel, "canary"))
                    .hasMessageContaining("UNAVAILABLE")
                    .hasMessageContaining("lane canary: cannot be connected to"));
    assertThat(LaneRig.ask(channel, (String) null)).isEqualTo("baseline");
  }

  @Test
  void eachAttemptOfARetriedCallIsCountedAndOnItsLane() throws Exception {
    LaneInstance baseline = rig.lane("baseline");
    LaneInstance canary = rig.lane("canary");
    ManagedChannel channel = rig.channel(Map.of(), RETRIES);
    canary.refuses.set(2);
    assertThat(LaneRig.ask(channel, "canary")).isEqualTo("canary");
    assertThat(canary.calls.get()).isEqualTo(3);
    assertThat(baseline.calls.get()).isZero();
    assertThat(rig.attempts("match")).isEqualTo(3);
    assertThat(rig.scrape().sum("grpc_client_started_total")).isEqualTo(1);
  }

  @Test
  void soIsEachHedge() throws Exception {
    rig.lane("baseline");
    LaneInstance canary = rig.lane("canary");
    Map<String, ?> hedging =
        Map.of(
            "methodConfig",
            List.of(
                Map.of(
                    "name",
                    List.of(Map.of("service", TestMethods.SERVICE)),
                    "hedgingPolicy",
                    Map.of(
                        "maxAttempts",
                        3.0,
                        "hedgingDelay",
                        "0s",
                        "nonFatalStatusCodes",
                        List.of("UNAVAILABLE")))));
    ManagedChannel channel = rig.channel(Map.of(), hedging);
    assertThat(LaneRig.ask(channel, (String) null)).isEqualTo("baseline");
    double before = rig.attempts("match");
    canary.refuses.set(3);
    assertThatThrownBy(() -> LaneRig.ask(channel, "canary")).hasMessageContaining("refused");
    assertThat(canary.calls.get()).isEqualTo(3);
    assertThat(rig.attempts("match") - before).isEqualTo(3);
  }

  /** It never got a stream, so there was no attempt. */
  @Test
  void aCallWhoseTimeIsOverBeforeItsLaneConnectsIsNoAttempt() throws Exception {
    rig.lane("baseline");
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      rig.endpoints("canary", LaneRig.address(silent.getLocalPort()));
      ManagedChannel channel = rig.channel(Map.of());
      TestCall call =
          TestCall.start(
              channel,
              TestMethods.UNARY,
              LaneRig.tagged("canary").withDeadlineAfter(300, TimeUnit.MILLISECONDS));
      call.send("who");
      call.halfClose();
      assertThat(call.awaitEnd().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
      assertThat(rig.scrape().sum("grpc_gray_attempts_total")).isZero();
    }
  }

  /** Whatever happens to the lane: an answer of its own, or UNAVAILABLE, and nothing else. */
  @Test
  void inStrictModeUnderLoadACallIsItsLanesOrUnavailable() throws Exception {
    rig.lane("baseline");
    LaneInstance canary = rig.lane("canary");
    ManagedChannel channel = rig.channel(Map.of("fallback", "none"), RETRIES);
    assertThat(LaneRig.ask(channel, "canary")).isEqualTo("canary");
    double before;
    try (Load load = new Load(channel)) {
      load.awaitMore(200);
      canary.kill();
      await().until(() -> rig.attempts("rejected") > 20);
      canary.restore();
      before = canary.calls.get();
      await().until(() -> canary.calls.get() > before + 100);
      rig.endpoints("canary");
      load.awaitMore(200);
      load.close();
      assertThat(load.wrong)
          .isNotEmpty()
          .allMatch(each -> each.startsWith("canary: UNAVAILABLE: gray_prefer: lane canary: "));
    }
    assertThat(rig.scrape().sum("grpc_gray_attempts_total", "outcome", "fallback_unhealthy"))
        .isZero();
  }

  /** Both are down: neither fails in silence. */
  @Test
  void aCallThatNobodyTakesIsCounted() throws Exception {
    LaneInstance baseline = rig.lane("baseline");
    LaneInstance canary = rig.lane("canary");
    ManagedChannel channel = rig.channel(Map.of());
    assertThat(LaneRig.ask(channel, "canary")).isEqualTo("canary");
    baseline.kill();
    canary.kill();
    await()
        .untilAsserted(
            () -> {
              assertThatThrownBy(() -> LaneRig.ask(channel, "canary"))
                  .hasMessageContaining("UNAVAILABLE");
              assertThat(rig.attempts("rejected")).isPositive();
            });
  }

  @Test
  void anyLaneTakesOverWhereItMay() throws Exception {
    LaneInstance blue = rig.lane("blue");
    ManagedChannel cold = rig.channel(Map.of("fallback", "any"));
    assertThat(LaneRig.ask(cold, "canary")).isEqualTo("blue");
    assertThat(blue.calls.get()).isEqualTo(1);
    assertThat(rig.attempts("fallback_no_endpoint")).isEqualTo(1);
  }
}
