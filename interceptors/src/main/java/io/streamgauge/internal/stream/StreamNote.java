package io.streamgauge.internal.stream;

import java.util.ArrayList;
import java.util.List;

/** What {@link StreamNotes} keeps. */
final class StreamNote {

  /** Stands for nothing kept; never written. */
  static final StreamNote NONE = new StreamNote();

  Object context;
  Object span;
  Object own;
  boolean borrowed;
  volatile Object checkpoint;
  Object link;
  Object tag;
  Object mirror;
  Object mirrored;
  boolean traceRemembered;
  boolean keepsTag;
  String rejection;
  int headerRoom;

  /** What was told of the tag before the start; one thing for most calls that have a tag. */
  LaneEvent earlyEvent;

  String earlyDetail;

  /** What was told after that, still before the start. */
  List<Runnable> earlier;

  String traceId;
  String spanId;
  boolean sampled;

  void early(LaneEvent event, String detail, StreamRecorder stream) {
    if (earlyEvent == null) {
      earlyEvent = event;
      earlyDetail = detail;
      return;
    }
    if (earlier == null) {
      earlier = new ArrayList<>(2);
    }
    earlier.add(() -> stream.env.listener.tagged(stream, event, detail));
  }

  void tellEarly(StreamRecorder stream) {
    if (earlyEvent != null) {
      stream.env.listener.tagged(stream, earlyEvent, earlyDetail);
    }
    if (earlier != null) {
      earlier.forEach(Runnable::run);
      earlier = null;
    }
  }
}
