package io.streamgauge.internal.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.streamgauge.CallSide;
import io.streamgauge.StallCause;
import io.streamgauge.Timing;
import io.streamgauge.internal.guard.Guard;
import io.streamgauge.testkit.fixture.UnitTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Several listeners: each hears everything, in order, whatever another one throws. */
@UnitTest
class StreamListenersTest {

  /** Every moment a listener can hear of, told to it. */
  private enum Moment {
    STARTED("listener.started") {
      @Override
      void tell(StreamListener to, StreamRecorder stream) {
        to.started(stream);
      }
    },
    ENDED("listener.ended") {
      @Override
      void tell(StreamListener to, StreamRecorder stream) {
        to.ended(stream, 0);
      }
    },
    FIRST_MESSAGE("listener.timed") {
      @Override
      void tell(StreamListener to, StreamRecorder stream) {
        to.firstMessage(stream, 7);
      }
    },
    QUEUED("listener.timed") {
      @Override
      void tell(StreamListener to, StreamRecorder stream) {
        to.queued(stream, 7);
      }
    },
    HELD("listener.timed") {
      @Override
      void tell(StreamListener to, StreamRecorder stream) {
        to.held(stream, 7);
      }
    },
    STALLED("listener.rare") {
      @Override
      void tell(StreamListener to, StreamRecorder stream) {
        to.stalled(stream, StallCause.NO_DEMAND);
      }
    },
    LOOKED("listener.rare") {
      @Override
      void tell(StreamListener to, StreamRecorder stream) {
        to.checked(stream, 7);
      }
    },
    REFUSED("listener.rare") {
      @Override
      void tell(StreamListener to, StreamRecorder stream) {
        to.refused(stream, "what");
      }
    },
    TAGGED("listener.rare") {
      @Override
      void tell(StreamListener to, StreamRecorder stream) {
        to.laneEvent(stream, LaneEvent.LOST, "where");
      }
    },
    MESSAGE_TAGGED("listener.rare") {
      @Override
      void tell(StreamListener to, StreamRecorder stream) {
        to.messageInLane(stream, "tag", "source", true);
      }
    },
    RESUMED("listener.rare") {
      @Override
      void tell(StreamListener to, StreamRecorder stream) {
        to.resumed(stream, StallCause.NO_DEMAND, 7);
      }
    };

    final String site;

    Moment(String site) {
      this.site = site;
    }

    abstract void tell(StreamListener to, StreamRecorder stream);
  }

  private final Guard guard = new Guard();
  private final StreamRecorder stream =
      new StreamRecorder(
          CallSide.SERVER,
          new StreamEnvironment(guard, () -> 0, new StreamListener() {}, Timing.OFF));
  private final List<String> heard = new ArrayList<>();

  /** Writes down what it is told with a name before it, and throws what it is given. */
  private final class Named implements StreamListener {
    private final String name;
    private final Error fault;

    Named(String name, Error fault) {
      this.name = name;
      this.fault = fault;
    }

    private void hear(Object... facts) {
      heard.add(name + List.of(facts));
      if (fault != null) {
        throw fault;
      }
    }

    @Override
    public void started(StreamRecorder told) {
      hear("started");
    }

    @Override
    public void ended(StreamRecorder told, long nowNanos) {
      hear("ended");
    }

    @Override
    public void firstMessage(StreamRecorder told, long nanos) {
      hear("first", nanos);
    }

    @Override
    public void queued(StreamRecorder told, long nanos) {
      hear("queued", nanos);
    }

    @Override
    public void held(StreamRecorder told, long nanos) {
      hear("held", nanos);
    }

    @Override
    public void stalled(StreamRecorder told, StallCause cause) {
      hear("stalled", cause);
    }

    @Override
    public void checked(StreamRecorder told, long nowNanos) {
      hear("checked", nowNanos);
    }

    @Override
    public void refused(StreamRecorder told, String what) {
      hear("refused", what);
    }

    @Override
    public void laneEvent(StreamRecorder told, LaneEvent event, String detail) {
      hear("tagged", event, detail);
    }

    @Override
    public void messageInLane(StreamRecorder told, String tag, String source, boolean inbound) {
      hear("messageTagged", tag, source, inbound);
    }

    @Override
    public void resumed(StreamRecorder told, StallCause cause, long nanos) {
      hear("resumed", cause, nanos);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aListenerThatThrowsKeepsNoOtherFromHearing(Moment moment) {
    StreamListeners all =
        new StreamListeners(
            guard,
            List.of(
                new Named("a", null), new Named("b", new AssertionError()), new Named("c", null)));
    moment.tell(all, stream);

    assertThat(heard).hasSize(3);
    String facts = heard.get(0).substring(1);
    assertThat(heard).containsExactly("a" + facts, "b" + facts, "c" + facts);
    assertThat(guard.faults()).isEqualTo(Map.of(moment.site, 1L));
  }

  @ParameterizedTest
  @EnumSource
  void whatNothingMaySurvivePasses(Moment moment) {
    StreamListeners all =
        new StreamListeners(
            guard, List.of(new Named("a", new OutOfMemoryError("thrown on purpose"))));

    assertThatThrownBy(() -> moment.tell(all, stream)).isInstanceOf(OutOfMemoryError.class);
    assertThat(guard.faults()).isEmpty();
  }

  /** A listener is interested in some moments; the others do nothing. */
  @ParameterizedTest
  @EnumSource
  void aListenerNeedNotHearEverything(Moment moment) {
    moment.tell(new StreamListener() {}, stream);

    assertThat(heard).isEmpty();
  }

  @Test
  void thereMayBeNone() {
    for (Moment moment : Moment.values()) {
      moment.tell(new StreamListeners(guard, List.of()), stream);
    }

    assertThat(guard.faults()).isEmpty();
  }
}
