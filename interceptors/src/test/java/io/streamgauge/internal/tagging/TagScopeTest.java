package io.streamgauge.internal.tagging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Context;
import io.streamgauge.CallSide;
import io.streamgauge.Timing;
import io.streamgauge.gray.GrayTag;
import io.streamgauge.gray.GrayTags;
import io.streamgauge.internal.grpc.ScopePort;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.stream.TestStreams;
import io.streamgauge.testkit.fixture.UnitTest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** gRPC's context around the callbacks of a tagged call, on the thread of the test. */
@UnitTest
class TagScopeTest {

  private final TestStreams streams = new TestStreams(Timing.OFF);
  private final StreamRecorder stream = streams.open(CallSide.SERVER, TestStreams.BIDI);
  private final List<String> calls = new ArrayList<>();
  private Object token = "token";
  private final TagScope scope =
      new TagScope(
          new ScopePort() {
            @Override
            public Object enter(StreamRecorder entered) {
              calls.add("enter");
              return token;
            }

            @Override
            public void exit(StreamRecorder left, Object entered) {
              assertThat(entered).isEqualTo("token");
              calls.add("exit");
            }
          });

  private static Context tagged(String tag) {
    return GrpcTagContext.mirror(Context.ROOT, GrayTag.of(tag));
  }

  @Test
  void withoutATagOnlyTheOtherScopeRuns() {
    Object entered = scope.enter(stream);
    assertThat(entered).isEqualTo("token");
    scope.exit(stream, entered);

    assertThat(calls).containsExactly("enter", "exit");
    assertThat(GrayTags.current()).isEmpty();
  }

  @Test
  void theTagIsCurrentBetweenEnterAndExit() {
    CallTag.made(stream).mirror = tagged("blue");
    Context before = Context.current();
    Object entered = scope.enter(stream);
    assertThat(GrayTags.current()).contains(GrayTag.of("blue"));
    scope.exit(stream, entered);

    assertThat(Context.current()).isSameAs(before);
    assertThat(CallTag.of(stream).mirrored).isNull();
    assertThat(calls).containsExactly("enter", "exit");
  }

  @Test
  void aScopeThatHadNothingToDoIsNotLeft() {
    token = null;
    CallTag.made(stream).mirror = tagged("blue");
    Object entered = scope.enter(stream);
    assertThat(entered).as("so that exit is called").isNotNull();
    scope.exit(stream, entered);

    assertThat(calls).containsExactly("enter");
    assertThat(GrayTags.current()).isEmpty();
  }

  @Test
  void aCallbackInsideAnotherRestoresWhatTheOuterOneHad() {
    CallTag.made(stream).mirror = tagged("blue");
    Context before = Context.current();
    Object outer = scope.enter(stream);
    Context between = GrpcTagContext.mirror(Context.current(), GrayTag.of("green"));
    Context replaced = between.attach();
    Object inner = scope.enter(stream);
    assertThat(GrayTags.current()).contains(GrayTag.of("blue"));
    scope.exit(stream, inner);
    assertThat(GrayTags.current()).contains(GrayTag.of("green"));
    between.detach(replaced);
    scope.exit(stream, outer);

    assertThat(Context.current()).isSameAs(before);
    assertThat(calls).containsExactly("enter", "enter", "exit", "exit");
  }

  @Test
  void whereTheOtherScopeThrowsTheContextIsRestored() {
    CallTag.made(stream).mirror = tagged("blue");
    Context before = Context.current();
    TagScope broken =
        new TagScope(
            new ScopePort() {
              @Override
              public Object enter(StreamRecorder entered) {
                throw new IllegalStateException("on purpose");
              }

              @Override
              public void exit(StreamRecorder left, Object entered) {
                throw new IllegalStateException("on purpose");
              }
            });

    assertThatThrownBy(() -> broken.enter(stream)).hasMessage("on purpose");
    assertThat(Context.current()).isSameAs(before);
    assertThat(CallTag.of(stream).mirrored).isNull();
  }
}
