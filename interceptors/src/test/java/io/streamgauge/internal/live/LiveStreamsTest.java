package io.streamgauge.internal.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.CallSide;
import io.streamgauge.CallType;
import io.streamgauge.StallCause;
import io.streamgauge.StreamSnapshot;
import io.streamgauge.Timing;
import io.streamgauge.internal.guard.Guard;
import io.streamgauge.internal.stream.StreamEnvironment;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.stream.WatchedMethod;
import io.streamgauge.testkit.fixture.UnitTest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

@UnitTest
class LiveStreamsTest {

  private long now = 3_000_000_000L;
  private final LiveStreams live = new LiveStreams(() -> now, tag -> tag);
  private final StreamEnvironment env =
      new StreamEnvironment(new Guard(), () -> now, live, Timing.SAMPLED);

  @Test
  void holdsWhatIsOpenWhateverTheOrderOfTheEnds() {
    List<StreamRecorder> streams = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      StreamRecorder stream = new StreamRecorder(CallSide.SERVER, env);
      stream.claim(WatchedMethod.OTHER);
      stream.start(null);
      streams.add(stream);
    }
    assertThat(live.size()).isEqualTo(1_000);

    Collections.shuffle(streams, new Random(1));
    streams.subList(0, 600).forEach(stream -> stream.end(0, null));
    assertThat(live.size()).isEqualTo(400);
    assertThat(live.snapshots()).hasSize(400);

    streams.forEach(stream -> stream.end(0, null));
    assertThat(live.size()).isZero();
    assertThat(live.snapshots()).isEmpty();
  }

  /** Whatever comes first, and in whichever stripe: tags are made up by callers. */
  @Test
  void anAllowedLaneIsToldApartHoweverManyTagsCameBefore() {
    LiveStreams lanes =
        new LiveStreams(
            () -> now, tag -> tag.equals("canary") || tag.equals("baseline") ? tag : "other");
    StreamEnvironment all = new StreamEnvironment(new Guard(), () -> now, lanes, Timing.SAMPLED);
    for (int i = 0; i < 600; i++) {
      StreamRecorder stream = new StreamRecorder(CallSide.SERVER, all);
      stream.lane(i < 400 ? "branch-" + i : i < 500 ? "canary" : null);
      stream.claim(WatchedMethod.OTHER);
      stream.start(null);
      stream.end(0, null);
    }
    assertThat(lanes.look().closed()).containsOnlyKeys("baseline", "canary", "other");
    assertThat(lanes.look().closed().get("canary")[LaneSums.ENDED]).isEqualTo(100);
    assertThat(lanes.look().closed().get("other")[LaneSums.ENDED]).isEqualTo(400);
  }

  @Test
  void theWatchSurvivesAHundredThousandStreams() {
    Guard guard = new Guard();
    StallWatch watch = new StallWatch(guard, env, live, method -> 10_000_000_000L);
    WatchedMethod method = new WatchedMethod(CallType.BIDI_STREAM, "pkg.Service", "Method");
    for (int i = 0; i < 100_000; i++) {
      StreamRecorder stream = new StreamRecorder(CallSide.SERVER, env);
      stream.claim(method);
      stream.start(null);
    }
    for (int i = 0; i < 13; i++) {
      watch.tick();
      now += 1_000_000_000L;
    }

    assertThat(live.snapshots()).hasSize(100_000).allMatch(v -> v.cause() == StallCause.NO_DEMAND);
    assertThat(guard.faults()).isEmpty();
  }

  @Test
  void aViewSaysWhatTheStreamIs() {
    StreamRecorder stream = new StreamRecorder(CallSide.CLIENT, env);
    stream.claim(new WatchedMethod(CallType.BIDI_STREAM, "pkg.Service", "Method"));
    stream.traced();
    stream.start(null);
    stream.onSend();
    stream.onSend();
    stream.openAttempt().onFramed();
    stream.onDeliver();

    now += 2_000_000_000L;
    StreamSnapshot view = live.snapshots().get(0);
    assertThat(view.ageNanos()).isEqualTo(2_000_000_000L);
    assertThat(view.method().fullName()).isEqualTo("pkg.Service/Method");
    assertThat(view.sent()).isEqualTo(2);
    assertThat(view.received()).isEqualTo(1);
    assertThat(view.connectDepth()).isEqualTo(1);
    assertThat(view.handlerDepth()).isEqualTo(1);
    assertThat(view.lane()).isEqualTo("baseline");
    assertThat(view.traceId()).isNull();
  }
}
