package io.streamgauge.internal.stream;

/**
 * What upper packages keep on a stream, made with the first that keeps anything. Written before the
 * start by the one thread that has the stream then; later readers find it through the start.
 */
final class CallSlots {

  /** Stands for nothing kept; never written. */
  static final CallSlots NONE = new CallSlots();

  ContextSlot context;
  TraceSlot trace;
  TagSlot tag;

  /** The raw tag of the call; null unless one was resolved. */
  String lane;

  /** Client: bytes left beside the application's headers. */
  int headerRoom;

  /** What was told of the lane before the start; null for most calls. */
  EarlyLaneEvent early;

  /** What became of the lane before the start; a list through its elements. */
  static final class EarlyLaneEvent {
    final LaneEvent event;
    final String detail;
    EarlyLaneEvent next;

    EarlyLaneEvent(LaneEvent event, String detail) {
      this.event = event;
      this.detail = detail;
    }
  }

  void append(EarlyLaneEvent later) {
    if (early == null) {
      early = later;
      return;
    }
    EarlyLaneEvent last = early;
    while (last.next != null) {
      last = last.next;
    }
    last.next = later;
  }
}
