package io.streamgauge.internal.metrics;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.CallSide;
import io.streamgauge.Timing;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.stream.TestStreams;
import io.streamgauge.internal.stream.TestTrace;
import io.streamgauge.testkit.fixture.UnitTest;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The buckets of one series, and the exemplar each keeps. */
@UnitTest
class HistogramTest {

  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";

  private final TestStreams streams = new TestStreams(Timing.OFF);
  private final StreamRecorder untraced = open();
  private final Histogram histogram = new Histogram(new double[] {0.1, 1, 10});

  private StreamRecorder open() {
    return streams.open(CallSide.SERVER, TestStreams.BIDI);
  }

  private StreamRecorder traced(String span, boolean sampled) {
    StreamRecorder stream = open();
    TestTrace.of(stream, TRACE, span, sampled);
    return stream;
  }

  private MetricPoint point() {
    return histogram.point(
        new SeriesLabels(CallSide.SERVER, TestStreams.BIDI, ""), List.of("a", "b"));
  }

  private static long[] cumulative(MetricPoint point) {
    long[] counts = new long[point.bucketCount()];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = point.cumulative(i);
    }
    return counts;
  }

  @Test
  void withoutAnObservationThereIsNoPoint() {
    assertThat(point()).isNull();
  }

  @Test
  void bucketsAreCumulativeAndABoundIsInItsBucket() {
    for (double value : new double[] {0, 0.1, 0.11, 1, 10, 10.5, 1_000}) {
      histogram.observe(value, untraced);
    }

    assertThat(cumulative(point())).containsExactly(2, 4, 5, 7);
    assertThat(point().value()).isEqualTo(0.1 + 0.11 + 1 + 10 + 10.5 + 1_000);
    assertThat(point().labelValues()).containsExactly("a", "b");
  }

  @Test
  void aPointDoesNotChange() {
    histogram.observe(1, untraced);
    MetricPoint before = point();
    histogram.observe(1, untraced);

    assertThat(before.cumulative(3)).isEqualTo(1);
    assertThat(point().cumulative(3)).isEqualTo(2);
  }

  @Test
  void eachBucketKeepsAnExemplarOfASampledTrace() {
    histogram.observe(0.05, traced("b7ad6b7169203331", true));
    histogram.observe(5, traced("00f067aa0ba902b7", true));

    assertThat(point().exemplar(0).spanId()).isEqualTo("b7ad6b7169203331");
    assertThat(point().exemplar(0).traceId()).isEqualTo(TRACE);
    assertThat(point().exemplar(0).value()).isEqualTo(0.05);
    assertThat(point().exemplar(1)).isNull();
    assertThat(point().exemplar(2).spanId()).isEqualTo("00f067aa0ba902b7");
    assertThat(point().exemplar(3)).isNull();
  }

  @Test
  void aTraceThatIsNotRecordedIsNoExemplar() {
    histogram.observe(0.05, untraced);
    histogram.observe(0.05, traced("b7ad6b7169203331", false));

    assertThat(point().exemplar(0)).isNull();
  }

  /** Otherwise a busy stream would make garbage with each sampled message. */
  @Test
  void anotherValueOfTheSameStreamKeepsTheExemplarAndAnotherStreamReplacesItOnceASecond() {
    StreamRecorder first = traced("b7ad6b7169203331", true);
    histogram.observe(0.05, first);
    TraceExemplar kept = point().exemplar(0);
    histogram.observe(0.06, first);
    assertThat(point().exemplar(0)).isSameAs(kept);
    histogram.observe(0.07, untraced);
    assertThat(point().exemplar(0))
        .as("a stream without a trace replaces no exemplar")
        .isSameAs(kept);
    streams.pass(999, MILLISECONDS);
    histogram.observe(0.07, traced("00f067aa0ba902b7", true));
    assertThat(point().exemplar(0)).as("not more than one in a second").isSameAs(kept);
    streams.pass(1, MILLISECONDS);
    histogram.observe(0.07, traced("00f067aa0ba902b7", true));

    assertThat(point().exemplar(0).spanId()).isEqualTo("00f067aa0ba902b7");
    assertThat(point().exemplar(0).value()).isEqualTo(0.07);
  }
}
