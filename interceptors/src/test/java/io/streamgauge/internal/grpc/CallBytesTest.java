package io.streamgauge.internal.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.testkit.fixture.TestJvm;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What a unary call makes of our classes, both sides together: exact, by the classes on the heap of
 * a JVM that never collects, before and after a thousand calls. No compiler leaves an object out
 * there, so a user's JVM allocates as much or less.
 */
class CallBytesTest {

  /** Two streams, and what gRPC forces: call, listener, tracer, factory; listener, tracer. */
  private static final int NUMBERS = 264;

  /** Without the client's tracer and its factory, 16 bytes each. */
  private static final int LIGHT = NUMBERS - 32;

  /**
   * For a sampled call with a tag, besides: spans, the caller's ids, and the places where both are
   * kept. Without upstream's instrumentation API, which is on the class path of these tests, a call
   * has a context of ours on each side too, 64 bytes, in place of 48.
   */
  private static final int EVERYTHING = 664;

  private static Map<String, Double> bytesPerCall(String what) throws Exception {
    TestJvm.Outcome outcome =
        new TestJvm()
            .options(
                "-XX:+UnlockExperimentalVMOptions",
                "-XX:+UseEpsilonGC",
                "-Xms1g",
                "-Xmx1g",
                "-Xlog:disable",
                "-Djava.net.preferIPv4Stack=true")
            .run(CallBytesMain.class.getName(), what);
    assertThat(outcome.code()).as(outcome.output()).isZero();
    return outcome.figures("bytes");
  }

  private static void assertAtMost(int most, String what) throws Exception {
    Map<String, Double> bytes = bytesPerCall(what);
    assertThat(bytes.values().stream().mapToDouble(each -> each).sum())
        .as("%s", bytes)
        .isBetween(most / 2d, most + 0.5);
  }

  @Test
  void aCallWithNumbersMakesWhatGrpcForcesAndAStreamASide() throws Exception {
    assertAtMost(NUMBERS, "numbers");
  }

  @Test
  void aLightCallMakesNoTracerOfAClient() throws Exception {
    assertAtMost(LIGHT, "light");
  }

  @Test
  void aCallWithASpanAndATagMakesOneObjectMoreForEach() throws Exception {
    assertAtMost(EVERYTHING, "everything");
  }
}
