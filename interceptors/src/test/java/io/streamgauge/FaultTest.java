package io.streamgauge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.opentelemetry.context.Context;
import io.streamgauge.testkit.Gate;
import io.streamgauge.testkit.GateCases;
import io.streamgauge.testkit.TestCall;
import io.streamgauge.testkit.TestMethods;
import io.streamgauge.testkit.TestPair;
import io.streamgauge.testkit.TestService;
import io.streamgauge.testkit.TestTransport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A fault in each of our hooks, one at a time, changes no call's outcome (gate R1). */
@Tag("fault")
@Gate("R1")
class FaultTest {

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

  private static FaultSites faults;
  private static final Logger logger = Logger.getLogger("io.streamgauge");

  /** What was logged: the hook, the fault, and the line that threw. */
  private static final List<String> logged = new CopyOnWriteArrayList<>();

  private static final Handler lines =
      new Handler() {
        @Override
        public void publish(LogRecord line) {
          Throwable thrown = line.getThrown();
          logged.add(line.getMessage() + (thrown == null ? "" : thrown.getStackTrace()[0]));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeAll
  static void rewrite() throws ClassNotFoundException {
    logger.setUseParentHandlers(false); // each swallowed fault is logged once; here that is many
    logger.addHandler(lines);
    List<Class<?>> classes = new ArrayList<>();
    for (String name :
        List.of(
            "wire.Wire",
            "wire.WireMethods",
            "stream.StreamRecorder",
            "stream.StreamNotes",
            "stream.StreamWire",
            "stream.StreamCounters",
            "stream.StreamFlow",
            "stream.StreamTimer",
            "stream.StreamAttempt",
            "stream.LiveStreams",
            "meter.MeterTable",
            "meter.MeterSeries",
            "trace.TraceSpans",
            "trace.TraceCheckpoints",
            "trace.TraceMetadata",
            "trace.TraceScope",
            "trace.TraceHeaders",
            "wire.WireHeaders",
            "gray.GrayHeaders",
            "gray.GrayResolver",
            "gray.GrayContext",
            "gray.GrayScope")) {
      classes.add(Class.forName("io.streamgauge." + name));
    }
    faults = new FaultSites(classes);
  }

  @AfterAll
  @SuppressWarnings("MustBeClosedChecker")
  static void restore() {
    faults.close();
    // Scopes whose closing was made to fail are still open on this thread.
    Context.root().makeCurrent();
    logger.setUseParentHandlers(true);
    logger.removeHandler(lines);
  }

  @ParameterizedTest
  @CsvSource({
    "NETTY_SHADED, RUNTIME",
    "NETTY_SHADED, STACK_OVERFLOW",
    "NETTY_SHADED, NO_SUCH_METHOD",
    "IN_PROCESS, RUNTIME",
    "IN_PROCESS, STACK_OVERFLOW",
    "IN_PROCESS, NO_SUCH_METHOD"
  })
  void noFaultOfOursChangesTheOutcomeOfACall(TestTransport transport, FaultSites.Fault fault)
      throws Exception {
    FaultSites.fault = fault;
    logged.clear();
    Map<String, String> changed = new LinkedHashMap<>();
    List<String> neverReached = new ArrayList<>();
    try (LibrarySubject subject = new LibrarySubject()) {
      // Threads of its own: a scope that fails to close stays on its thread, for others to find.
      ExecutorService pool = Executors.newCachedThreadPool();
      TestPair pair =
          TestPair.open(
              transport,
              server -> subject.attach(server.executor(pool)),
              channel -> subject.attach(channel.executor(pool)));
      ManagedChannel channel = pair.channel();
      List<String> expected = outcomes(channel);
      int all = 0;
      for (String site : SITES) {
        FaultSites.thrown.set(0);
        FaultSites.armed = "." + site;
        List<String> outcomes = outcomes(channel);
        FaultSites.armed = null;
        if (!outcomes.equals(expected)) {
          changed.put(site, outcomes.toString());
        }
        if (FaultSites.thrown.get() == 0) {
          neverReached.add(site);
        }
        all += FaultSites.thrown.get();
      }
      pair.close();
      pool.shutdown();
      GateCases.add((long) SITES.size() * expected.size());
      assertThat(changed).as("expected %s", expected).isEmpty();
      // The name of an unimplemented method is the only call that asks what is known, and an end
      // without tracer is the only one that would pass these; all else must have been hit.
      List<String> excused = new ArrayList<>(List.of("TraceScope.exit"));
      if (transport == TestTransport.IN_PROCESS) {
        // No bytes there.
        SITES.stream().filter(site -> site.contains("onWire")).forEach(excused::add);
      }
      assertThat(neverReached).isSubsetOf(excused);
      // Each is counted; what one leaves undone may, once in a while, be a fault further on.
      assertThat(subject.scrape().sum("streamgauge_faults_total"))
          .isBetween((double) all, all + 9d);
      assertThat(logged).doesNotHaveDuplicates();
    }
  }

  /** A hook that hangs for a second makes the call slow, and nothing else. */
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
    FaultSites.fault = FaultSites.Fault.SLEEP;
    FaultSites.thrown.set(0);
    try (LibrarySubject subject = new LibrarySubject()) {
      TestPair pair = TestPair.open(TestTransport.NETTY_SHADED, subject::attach, subject::attach);
      ManagedChannel channel = pair.channel();
      FaultSites.armed = "." + site;
      String outcome = call(channel, TestMethods.UNARY, "hello");
      FaultSites.armed = null;
      pair.close();
      assertThat(outcome).isEqualTo("OK/1");
      assertThat(FaultSites.thrown.get()).isPositive();
    }
  }

  /** Nothing may go on after these: the application hears of them. */
  @Test
  void whatIsFatalPasses() throws Exception {
    FaultSites.fault = FaultSites.Fault.OUT_OF_MEMORY;
    try (LibrarySubject subject = new LibrarySubject()) {
      Server server = TestTransport.NETTY_SHADED.server().addService(TestService.create()).build();
      server.start();
      ManagedChannelBuilder<?> channelBuilder = TestTransport.NETTY_SHADED.channel(server);
      subject.attach(channelBuilder);
      ManagedChannel channel = channelBuilder.build();
      TestCall call = TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT);
      FaultSites.armed = ".StreamFlow.onSend";
      assertThatThrownBy(() -> call.send("a")).isInstanceOf(OutOfMemoryError.class);
      FaultSites.armed = null;
      call.cancel();
      channel.shutdownNow();
      server.shutdownNow();
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
