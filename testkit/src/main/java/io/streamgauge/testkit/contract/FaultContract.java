package io.streamgauge.testkit.contract;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.opentelemetry.context.Context;
import io.streamgauge.testkit.fixture.Gate;
import io.streamgauge.testkit.fixture.GateCases;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestPair;
import io.streamgauge.testkit.fixture.TestTransport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A fault in each of our hooks, one at a time, changes no call's outcome (gate R1). */
@Tag("fault")
@Gate("R1")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class FaultContract {

  /** Everything a hook runs that is not the guard itself, as Class.method. */
  private static final List<String> SITES =
      List.of(
          "Wire.watches",
          "Wire.newRecorder",
          "Wire.serverHeaders",
          "Wire.clientHeaders",
          "Wire.end",
          "WireMethods.of",
          "WireMethods.known",
          "WireMethods.isExcluded",
          "StreamRecorder.start",
          "StreamRecorder.end",
          "StreamRecorder.settle",
          "StreamRecorder.claim",
          "StreamRecorder.hint",
          "StreamRecorder.isNew",
          "StreamRecorder.context",
          "StreamRecorder.span",
          "StreamFlow.onSend",
          "StreamFlow.onRequest",
          "StreamFlow.ready",
          "StreamFlow.onOutboundClosed",
          "StreamTimer.arrived",
          "StreamTimer.entered",
          "StreamWire.onArrived",
          "StreamRecorder.onDeliver",
          "StreamRecorder.onHandled",
          "StreamRecorder.onHalfClose",
          "StreamWire.openAttempt",
          "StreamWire.closeAttempt",
          "StreamCounters.traced",
          "StreamCounters.executorKnown",
          "StreamFlow.drainTo",
          "StreamFlow.closeInbound",
          "StreamNotes.note",
          "StreamWire.onWireOut",
          "StreamWire.onWireIn",
          "StreamAttempt.onWireOut",
          "StreamAttempt.onWireIn",
          "StreamAttempt.onFramed",
          "StreamAttempt.onArrived",
          "LiveStreams.started",
          "LiveStreams.ended",
          "MeterTable.started",
          "MeterTable.ended",
          "MeterSeries.handled",
          "MeterSeries.messages",
          "MeterTable.firstMessage",
          "MeterTable.queued",
          "MeterTable.held",
          "TraceSpans.serverHeaders",
          "TraceSpans.clientHeaders",
          "TraceSpans.start",
          "TraceSpans.ended",
          "TraceCheckpoints.started",
          "TraceCheckpoints.ended",
          "TraceMetadata.capture",
          "TraceScope.enter",
          "TraceScope.exit",
          "TraceHeaders.key",
          "WireHeaders.size",
          "GrayHeaders.contextOf",
          "GrayHeaders.outbound",
          "GrayResolver.inbound",
          "GrayResolver.policy",
          "GrayContext.in",
          "GrayContext.without",
          "GrayScope.enter",
          "GrayScope.exit");

  private final Supplier<StreamSubject> subjects;
  private final List<TestTransport> transports;
  private final Set<String> excused;
  private FaultSites faults;

  /**
   * A suite.
   *
   * @param excused sites that this attachment does not pass on any call
   */
  protected FaultContract(
      Supplier<StreamSubject> subjects, List<TestTransport> transports, Set<String> excused) {
    this.subjects = subjects;
    this.transports = transports;
    this.excused = excused;
  }

  /** Whether a loaded class is one of the attachment's own copy of the library. */
  protected abstract boolean isOurs(Class<?> loaded);

  /** Asked after each run of all sites: what was logged. */
  protected abstract void assertLoggedOnce();

  @BeforeAll
  void rewrite() throws Exception {
    // Once, so that every class is loaded.
    for (TestTransport transport : transports) {
      try (StreamSubject subject = subjects.get();
          TestPair pair = TestPair.open(transport, subject::attach, subject::attach)) {
        outcomes(pair.channel());
        subject.scrape();
      }
    }
    Set<String> names =
        SITES.stream()
            .map(site -> "." + site.substring(0, site.indexOf('.')))
            .collect(Collectors.toSet());
    faults =
        new FaultSites(
            loaded -> isOurs(loaded) && names.stream().anyMatch(loaded.getName()::endsWith));
  }

  @AfterAll
  @SuppressWarnings("MustBeClosedChecker")
  void restore() {
    faults.close();
    // Scopes whose closing was made to fail are still open on this thread.
    Context.root().makeCurrent();
  }

  Stream<Arguments> throwing() {
    return transports.stream()
        .flatMap(
            transport ->
                Stream.of(
                        FaultSites.Fault.RUNTIME,
                        FaultSites.Fault.STACK_OVERFLOW,
                        FaultSites.Fault.NO_SUCH_METHOD)
                    .map(fault -> Arguments.of(transport, fault)));
  }

  @ParameterizedTest
  @MethodSource("throwing")
  void noFaultOfOursChangesTheOutcomeOfACall(TestTransport transport, FaultSites.Fault fault)
      throws Exception {
    Map<String, String> changed = new LinkedHashMap<>();
    List<String> neverReached = new ArrayList<>();
    // Threads of its own: a scope that fails to close stays on its thread, for others to find.
    ExecutorService pool = Executors.newCachedThreadPool();
    try (StreamSubject subject = subjects.get();
        TestPair pair =
            TestPair.open(
                transport,
                server -> subject.attach(server.executor(pool)),
                channel -> subject.attach(channel.executor(pool)))) {
      List<String> expected = outcomes(pair.channel());
      int first = faults.thrown();
      for (String site : SITES) {
        int before = faults.thrown();
        faults.arm(site, fault);
        List<String> outcomes = outcomes(pair.channel());
        faults.disarm();
        if (!outcomes.equals(expected)) {
          changed.put(site, outcomes.toString());
        }
        if (faults.thrown() == before) {
          neverReached.add(site);
        }
      }
      assertThat(changed).as("expected %s", expected).isEmpty();
      // No bytes in process, and so nobody who tells them.
      neverReached.removeIf(
          site -> transport == TestTransport.IN_PROCESS && site.contains("onWire"));
      assertThat(excused).containsAll(neverReached);
      // Each is counted; what one leaves undone may, once in a while, be a fault further on.
      await()
          .untilAsserted(
              () ->
                  assertThat(subject.scrape().sum("streamgauge_faults_total"))
                      .isBetween((double) faults.thrown() - first, faults.thrown() - first + 9d));
      assertLoggedOnce();
      GateCases.add((long) (SITES.size() - neverReached.size()) * expected.size());
    } finally {
      faults.disarm();
      pool.shutdown();
    }
  }

  /** A hook that hangs for a second makes its call slow, and it ends as it would have. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "StreamRecorder.start",
        "StreamRecorder.end",
        "Wire.serverHeaders",
        "TraceSpans.ended",
        "MeterTable.started"
      })
  void aHookThatSleepsOnlyTakesItsTime(String site) throws Exception {
    int before = faults.thrown();
    try (StreamSubject subject = subjects.get();
        TestPair pair =
            TestPair.open(TestTransport.NETTY_SHADED, subject::attach, subject::attach)) {
      faults.arm(site, FaultSites.Fault.SLEEP);
      assertThat(call(pair.channel(), TestMethods.UNARY, "hello")).isEqualTo("OK/1");
      assertThat(faults.thrown()).isGreaterThan(before);
    } finally {
      faults.disarm();
    }
  }

  /** Nothing may go on after these: the application hears of them. */
  @ParameterizedTest
  @EnumSource(
      value = FaultSites.Fault.class,
      names = {"OUT_OF_MEMORY", "INTERNAL", "THREAD_DEATH"})
  void whatIsFatalPasses(FaultSites.Fault fault) throws Exception {
    try (StreamSubject subject = subjects.get();
        TestPair pair =
            TestPair.open(TestTransport.NETTY_SHADED, subject::attach, subject::attach)) {
      TestCall call = TestCall.start(pair.channel(), TestMethods.BIDI, CallOptions.DEFAULT);
      faults.arm("StreamFlow.onSend", fault);
      try {
        assertThatThrownBy(() -> call.send("a")).hasMessageContaining("injected");
      } finally {
        faults.disarm();
      }
      call.cancel();
    }
  }

  /** One call of every kind and ending, each as the caller sees it. */
  private static List<String> outcomes(ManagedChannel channel) {
    List<String> outcomes = new ArrayList<>();
    outcomes.add(call(channel, TestMethods.UNARY, "hello"));
    outcomes.add(call(channel, TestMethods.UNARY, "fail:NOT_FOUND"));
    outcomes.add(call(channel, TestMethods.UNARY, "throw"));
    outcomes.add(call(channel, TestMethods.CLIENT_STREAM, "a", "b"));
    outcomes.add(call(channel, TestMethods.SERVER_STREAM, "count:20"));
    outcomes.add(call(channel, TestMethods.BIDI, "a", "count:3", "b"));
    outcomes.add(call(channel, TestMethods.BIDI, "a", "fail:ABORTED"));
    outcomes.add(call(channel, TestMethods.MISSING, "hello"));
    TestCall cancelled = TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT);
    cancelled.send("hang");
    cancelled.cancel();
    outcomes.add(cancelled.awaitEnd().getCode().name());
    return outcomes;
  }

  private static String call(
      ManagedChannel channel, MethodDescriptor<String, String> method, String... commands) {
    TestCall call = TestCall.start(channel, method, CallOptions.DEFAULT);
    for (String command : commands) {
      call.send(command);
    }
    call.halfClose();
    return call.awaitEnd().getCode() + "/" + call.received();
  }
}
