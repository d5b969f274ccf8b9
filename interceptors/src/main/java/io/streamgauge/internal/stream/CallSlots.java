package io.streamgauge.internal.stream;

/**
 * What upper packages keep on a stream, made with the first that keeps anything. Written before the
 * start by the one thread that has the stream then; later readers find it through the start.
 */
final class CallSlots {

  /** Stands for nothing kept; never written. */
  static final CallSlots NONE = new CallSlots();

  ContextSlot context;

  /** Volatile: the callback of the first message with a trace of its own may replace it. */
  volatile TraceSlot trace;

  TagSlot tag;

  /** The raw tag of the call; null unless one was resolved. */
  String lane;

  /** Client: bytes left beside the application's headers. */
  int headerRoom;

  // What became of the lane before the start: the first event here, the others in a list.

  LaneEvent early;
  String earlyDetail;

  /** Null for most calls. */
  EarlyLaneEvent moreEarly;

  /** An event after the first; a list through its elements. */
  static final class EarlyLaneEvent {
    final LaneEvent event;
    final String detail;
    EarlyLaneEvent next;

    EarlyLaneEvent(LaneEvent event, String detail) {
      this.event = event;
      this.detail = detail;
    }
  }

  void append(LaneEvent event, String detail) {
    if (early == null) {
      early = event;
      earlyDetail = detail;
      return;
    }
    EarlyLaneEvent later = new EarlyLaneEvent(event, detail);
    if (moreEarly == null) {
      moreEarly = later;
      return;
    }
    EarlyLaneEvent last = moreEarly;
    while (last.next != null) {
      last = last.next;
    }
    last.next = later;
  }
}
