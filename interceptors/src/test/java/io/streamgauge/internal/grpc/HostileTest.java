package io.streamgauge.internal.grpc;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.streamgauge.contract.LibrarySubject;
import io.streamgauge.testkit.fixture.Gate;
import io.streamgauge.testkit.fixture.TestCall;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestPair;
import io.streamgauge.testkit.fixture.TestSeries;
import io.streamgauge.testkit.fixture.TestTransport;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Code of the user's that misbehaves (gates R12 and R15): a call comes out with the toolkit as it
 * does without, and is counted as started and as ended, once.
 */
@Tag("fault")
class HostileTest {

  private static final int LIMIT = 4 * 1024 * 1024;

  /** What the application does on a rig that is watched, or not. */
  private interface Script {
    List<String> run(ManagedChannel channel);
  }

  /** With the user's interceptor outside of ours, and inside. */
  @Gate("R12")
  @ParameterizedTest
  @EnumSource(ThrowingInterceptor.Point.class)
  void anInterceptorThatThrows(ThrowingInterceptor.Point point) throws IOException {
    Script script =
        channel -> {
          List<String> outcomes = new ArrayList<>();
          outcomes.add(call(channel, TestMethods.UNARY, CallOptions.DEFAULT, "hello"));
          outcomes.add(call(channel, TestMethods.BIDI, CallOptions.DEFAULT, "a", "b"));
          TestCall cancelled = TestCall.start(channel, TestMethods.BIDI, CallOptions.DEFAULT);
          cancelled.send("hang");
          cancelled.cancel();
          // Whether the throw or the cancellation is heard first is gRPC's own race.
          cancelled.awaitEnd();
          return outcomes;
        };
    List<String> without = run(null, point, true, script);
    for (boolean outside : new boolean[] {true, false}) {
      try (LibrarySubject subject = new LibrarySubject()) {
        assertThat(run(subject, point, outside, script))
            .as("outside %s", outside)
            .isEqualTo(without);
      }
    }
  }

  @Gate("R15")
  @Test
  void messagesOfEverySizeAndCompression() throws IOException {
    Script script =
        channel -> {
          List<String> outcomes = new ArrayList<>();
          for (int size : new int[] {0, 1, LIMIT - 1, LIMIT, LIMIT + 1}) {
            for (String compressor : new String[] {null, "gzip"}) {
              CallOptions options = CallOptions.DEFAULT.withCompression(compressor);
              String end = call(channel, TestMethods.UNARY, options, "x".repeat(size));
              // Which end of a call that is too large is heard first is gRPC's own race.
              outcomes.add(size + (size > LIMIT && !end.startsWith("OK") ? " refused" : end));
            }
          }
          return outcomes;
        };
    List<String> without = run(null, null, false, script);
    assertThat(without).contains("1OK/1", (LIMIT + 1) + " refused");
    try (LibrarySubject subject = new LibrarySubject()) {
      assertThat(run(subject, null, false, script)).isEqualTo(without);
    }
  }

  @Gate("R15")
  @Test
  void marshallersThatThrow() throws IOException {
    MethodDescriptor<String, String> writes =
        TestMethods.UNARY.toBuilder().setRequestMarshaller(new Broken(true)).build();
    MethodDescriptor<String, String> reads =
        TestMethods.UNARY.toBuilder().setResponseMarshaller(new Broken(false)).build();
    Script script =
        channel ->
            List.of(
                thrownBy(() -> call(channel, writes, CallOptions.DEFAULT, "a")),
                thrownBy(() -> call(channel, reads, CallOptions.DEFAULT, "a")));
    List<String> without = run(null, null, false, script);
    try (LibrarySubject subject = new LibrarySubject()) {
      assertThat(run(subject, null, false, script)).isEqualTo(without);
    }
  }

  private static String thrownBy(java.util.function.Supplier<String> call) {
    try {
      return call.get();
    } catch (RuntimeException e) {
      return e.toString();
    }
  }

  /** Outcomes of the script; if watched, every call has ended in the numbers too. */
  private static List<String> run(
      LibrarySubject subject, ThrowingInterceptor.Point point, boolean outside, Script script)
      throws IOException {
    try (TestPair pair =
        TestPair.open(
            TestTransport.NETTY_SHADED,
            server -> {
              // The last one added is asked first.
              if (!outside && point != null) {
                server.intercept(new ThrowingInterceptor(point));
              }
              if (subject != null) {
                subject.attach(server);
              }
              if (outside && point != null) {
                server.intercept(new ThrowingInterceptor(point));
              }
            },
            channel -> {
              if (subject != null) {
                subject.attach(channel);
              }
            })) {
      List<String> outcomes = script.run(pair.channel());
      if (subject != null) {
        await().untilAsserted(() -> assertAllEnded(subject.scrape()));
      }
      return outcomes;
    }
  }

  /** What is open, ended and counted is told one after the other: all from one scrape. */
  private static void assertAllEnded(TestSeries seen) {
    assertThat(seen.sum("grpc_stream_active")).isZero();
    for (String side : new String[] {"grpc_server", "grpc_client"}) {
      assertThat(seen.sum(side + "_handled_total"))
          .as(side)
          .isEqualTo(seen.sum(side + "_started_total"))
          .isPositive();
    }
    assertThat(seen.sum("streamgauge_faults_total")).isZero();
  }

  private static String call(
      ManagedChannel channel,
      MethodDescriptor<String, String> method,
      CallOptions options,
      String... messages) {
    TestCall call = TestCall.start(channel, method, options);
    for (String message : messages) {
      call.send(message);
    }
    call.halfClose();
    Status end = call.awaitEnd();
    return end.getCode() + "/" + call.received();
  }

  /** Throws on the way out or on the way in. */
  private static final class Broken implements MethodDescriptor.Marshaller<String> {
    private final boolean out;

    Broken(boolean out) {
      this.out = out;
    }

    @Override
    public InputStream stream(String value) {
      if (out) {
        throw new IllegalStateException("cannot be written");
      }
      return new ByteArrayInputStream(new byte[0]);
    }

    @Override
    public String parse(InputStream stream) {
      throw new IllegalStateException("cannot be read");
    }
  }
}
