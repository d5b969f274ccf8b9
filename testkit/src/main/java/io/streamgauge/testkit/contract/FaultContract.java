package io.streamgauge.testkit.contract;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.opentelemetry.context.Context;
import io.streamgauge.testkit.fixture.Gate;
import io.streamgauge.testkit.fixture.GateCases;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestPair;
import io.streamgauge.testkit.fixture.TestTransport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.awaitility.core.TerminalFailureException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A fault in each of our hooks, one at a time, changes no call's outcome (gate R1). */
@Tag("fault")
@Gate("R1")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class FaultContract {

  /** Methods of the library annotated {@code CallPath}; raised when one is added. */
  private static final int SITES = 76;

  /** What {@link #outcomes} comes to on the server, attempts of their own counted. */
  private static final double SERVER_CALLS = 11;

  private ExecutorService pool;

  private final Supplier<StreamSubject> subjects;
  private final List<TestTransport> transports;
  private FaultSites faults;

  /** A suite over those transports; the first has bytes, and all kinds of faults go over it. */
  protected FaultContract(Supplier<StreamSubject> subjects, List<TestTransport> transports) {
    this.subjects = subjects;
    this.transports = transports;
  }

  /** Whether a loaded class is one of the attachment's own copy of the library. */
  protected abstract boolean isOurs(Class<?> loaded);

  /** Whether a unary call may be over before a reader has seen it, and is a short one then. */
  protected boolean hasQuickCalls() {
    return true;
  }

  /** Whether OpenTelemetry takes the histograms when it collects, and is told of no call. */
  protected boolean pullsHistograms() {
    return false;
  }

  /** Asked after each run of all sites: what was logged. */
  protected abstract void assertLoggedOnce();

  @BeforeAll
  void rewrite() throws Exception {
    // Once, so that every class is loaded.
    for (TestTransport transport : transports) {
      try (StreamSubject subject = subjects.get();
          TestPair pair =
              TestPair.open(
                  transport,
                  server -> subject.attach(server.intercept(new FirstFails())),
                  channel -> subject.attach(retrying(channel)))) {
        outcomes(pair.channel());
        subject.scrape();
      }
    }
    faults = new FaultSites(this::isOurs);
    assertThat(faults.sites()).hasSizeGreaterThanOrEqualTo(SITES);
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
    List<FaultSites.Site> sites = sitesOf(transport);
    Map<FaultSites.Site, String> changed = new LinkedHashMap<>();
    List<FaultSites.Site> neverReached = new ArrayList<>();
    try (StreamSubject subject = subjects.get();
        TestPair pair = open(transport, subject)) {
      List<String> expected = outcomes(pair.channel());
      int first = faults.thrown();
      for (FaultSites.Site site : sites) {
        int before = faults.thrown();
        faults.arm(site, fault);
        List<String> outcomes = outcomes(pair.channel());
        if (!(site.quick() && !hasQuickCalls()) && !isReached(before)) {
          neverReached.add(site);
        }
        faults.disarm();
        if (!outcomes.equals(expected)) {
          changed.put(site, outcomes.toString());
        }
        awaitCounted(subject, site, first);
      }
      assertThat(changed).as("expected %s", expected).isEmpty();
      assertThat(neverReached).isEmpty();
      assertLoggedOnce();
      GateCases.add((long) sites.size() * expected.size());
    } finally {
      faults.disarm();
    }
  }

  /**
   * Threads of each test's own: a scope that fails to close stays on its thread, for others to
   * find, and a callback that comes late would come to what the next test has armed.
   */
  private TestPair open(TestTransport transport, StreamSubject subject) throws IOException {
    return TestPair.open(
        transport,
        server -> subject.attach(server.intercept(new FirstFails()).executor(pool)),
        channel -> subject.attach(retrying(channel).executor(pool)));
  }

  /** Ends the first attempt of a call that asks for it. */
  private static final class FirstFails implements ServerInterceptor {
    static final Metadata.Key<String> ASKED = key("test-first-fails");
    private static final Metadata.Key<String> ATTEMPTS = key("grpc-previous-rpc-attempts");

    private static Metadata.Key<String> key(String name) {
      return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
    }

    @Override
    public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
        ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
      if (!headers.containsKey(ASKED) || headers.containsKey(ATTEMPTS)) {
        return next.startCall(call, headers);
      }
      call.close(Status.NOT_FOUND, new Metadata());
      return new ServerCall.Listener<ReqT>() {};
    }
  }

  private static String retried(ManagedChannel channel) {
    Metadata headers = new Metadata();
    headers.put(FirstFails.ASKED, "true");
    TestCall call =
        TestCall.start(channel, TestMethods.UNARY, CallOptions.DEFAULT, headers, Integer.MAX_VALUE);
    call.send("hello");
    call.halfClose();
    return call.awaitEnd().getCode() + "/" + call.received();
  }

  /** A call that fails with NOT_FOUND has a second attempt. */
  private static ManagedChannelBuilder<?> retrying(ManagedChannelBuilder<?> channel) {
    Map<String, Object> policy = RetryContract.retry(2, "NOT_FOUND");
    return channel
        .enableRetry()
        .defaultServiceConfig(RetryContract.serviceConfig("retryPolicy", policy));
  }

  @BeforeEach
  void startThreads() {
    pool = Executors.newCachedThreadPool();
    faults.spareThreadsOfOthers();
  }

  @AfterEach
  void endThreads() {
    pool.shutdown();
    await().until(pool::isTerminated);
  }

  /** Each is counted; what one leaves undone may be a fault further on, once in each call. */
  private void awaitCounted(StreamSubject subject, FaultSites.Site last, int first) {
    await()
        .untilAsserted(
            () ->
                assertThat(subject.scrape().sum("streamgauge_faults_total"))
                    .as("faults counted, up to those of %s", last)
                    .isBetween(
                        (double) faults.thrown() - first, faults.thrown() - first + SERVER_CALLS));
  }

  /** The server may come to its last hooks after the caller has its status. */
  private boolean isReached(int before) {
    try {
      await().until(() -> faults.thrown() > before);
      return true;
    } catch (TerminalFailureException nothingMoves) {
      return false;
    }
  }

  /** Hooks that hang make their call slow, and it ends as it would have. */
  @Test
  void hooksThatHangOnlyTakeTheirTime() throws Exception {
    TestTransport transport = transports.get(0);
    try (StreamSubject subject = subjects.get();
        TestPair pair = open(transport, subject)) {
      List<String> expected = outcomes(pair.channel());
      Set<String> hung = faults.armToHang();
      assertThat(outcomes(pair.channel())).isEqualTo(expected);
      // The server may come to its last hooks after the caller has its status.
      await()
          .untilAsserted(
              () ->
                  assertThat(sitesOfSlowCalls(transport))
                      .allSatisfy(site -> assertThat(hung).contains(site.id())));
      GateCases.add(hung.size());
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
        TestPair pair = open(transports.get(0), subject)) {
      TestCall first = TestCall.start(pair.channel(), TestMethods.BIDI, CallOptions.DEFAULT);
      List<FaultSites.Site> called = faults.calledBy(() -> first.send("a"));
      first.cancel();
      assertThat(called).isNotEmpty();
      for (FaultSites.Site site : called) {
        TestCall call = TestCall.start(pair.channel(), TestMethods.BIDI, CallOptions.DEFAULT);
        faults.armHere(site, fault);
        try {
          assertThatThrownBy(() -> call.send("a")).as("%s", site).hasMessageContaining("injected");
        } finally {
          faults.disarm();
        }
        call.cancel();
      }
      GateCases.add(called.size());
    }
  }

  /** The methods that a call over the transport comes to. */
  private List<FaultSites.Site> sitesOf(TestTransport transport) {
    return faults.sites().stream()
        .filter(site -> transport != TestTransport.IN_PROCESS || !site.bytes())
        .filter(site -> pullsHistograms() ? !site.recorded() : !site.pulled())
        .toList();
  }

  /** Of these, those that a call comes to which a reader has seen. */
  private List<FaultSites.Site> sitesOfSlowCalls(TestTransport transport) {
    return sitesOf(transport).stream().filter(site -> !site.quick()).toList();
  }

  /** One call of every kind and ending, each as the caller sees it. */
  private static List<String> outcomes(ManagedChannel channel) {
    List<String> outcomes = new ArrayList<>();
    outcomes.add(call(channel, TestMethods.UNARY, "hello"));
    outcomes.add(call(channel, TestMethods.UNARY, "fail:NOT_FOUND"));
    outcomes.add(retried(channel));
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
