package io.streamgauge.internal.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.grpc.Status;
import io.streamgauge.CallSide;
import io.streamgauge.CallType;
import io.streamgauge.Timing;
import io.streamgauge.internal.guard.Guard;
import io.streamgauge.testkit.fixture.UnitTest;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The small value types of a stream. */
@UnitTest
class StreamTypesTest {

  @ParameterizedTest
  @CsvSource({
    "UNARY, unary, false, false",
    "CLIENT_STREAM, client_stream, true, false",
    "SERVER_STREAM, server_stream, false, true",
    "BIDI_STREAM, bidi_stream, true, true"
  })
  void eachSideReceivesWhatTheOtherSends(
      CallType type, String label, boolean requests, boolean responses) {
    assertThat(type.label()).isEqualTo(label);
    assertThat(type.streamsInbound(CallSide.SERVER)).isEqualTo(requests);
    assertThat(type.streamsOutbound(CallSide.CLIENT)).isEqualTo(requests);
    assertThat(type.streamsInbound(CallSide.CLIENT)).isEqualTo(responses);
    assertThat(type.streamsOutbound(CallSide.SERVER)).isEqualTo(responses);
  }

  @Test
  void aMethodIsItsNames() {
    WatchedMethod method = new WatchedMethod(CallType.UNARY, "pkg.Service", "Method");

    assertThat(method.fullName()).isEqualTo("pkg.Service/Method").hasToString(method.toString());
    assertThat(method)
        .as("compared by identity")
        .isNotEqualTo(new WatchedMethod(CallType.UNARY, "pkg.Service", "Method"));
    assertThat(WatchedMethod.OTHER.fullName()).isEqualTo("_OTHER");
    assertThat(WatchedMethod.OTHER.type()).isEqualTo(CallType.BIDI_STREAM);
    assertThatNullPointerException().isThrownBy(() -> new WatchedMethod(null, "s", "m"));
    assertThatNullPointerException().isThrownBy(() -> new WatchedMethod(CallType.UNARY, null, "m"));
    assertThatNullPointerException().isThrownBy(() -> new WatchedMethod(CallType.UNARY, "s", null));
  }

  @Test
  void codesAreNamedAsGrpcNamesThemAndOthersAreUnknown() {
    for (Status.Code code : Status.Code.values()) {
      assertThat(StatusCodes.name(code.value())).isEqualTo(code.name());
    }
    assertThat(StatusCodes.name(-1)).isEqualTo("UNKNOWN");
    assertThat(StatusCodes.name(17)).isEqualTo("UNKNOWN");
  }

  /** RPC semantic conventions 1.45.0, status of gRPC spans. */
  @Test
  void aServerIsToBlameForSomeCodesAndAClientFailsWithAll() {
    assertThat(IntStream.rangeClosed(0, 16).filter(c -> StatusCodes.isError(CallSide.SERVER, c)))
        .containsExactly(2, 4, 12, 13, 14, 15);
    assertThat(IntStream.rangeClosed(0, 16).filter(c -> StatusCodes.isError(CallSide.CLIENT, c)))
        .containsExactly(IntStream.rangeClosed(1, 16).boxed().toArray(Integer[]::new));
  }

  @Test
  void timingChoosesNoneEverySixteenthOrEveryMessage() {
    assertThat(timed(Timing.OFF)).isEmpty();
    assertThat(timed(Timing.SAMPLED)).containsExactly(16, 32, 48, 64);
    assertThat(timed(Timing.ALL)).hasSize(64);
  }

  private static long[] timed(Timing timing) {
    StreamEnvironment env =
        new StreamEnvironment(new Guard(), () -> 0, new StreamListener() {}, timing);
    return LongStream.rangeClosed(1, 64).filter(env::times).toArray();
  }
}
