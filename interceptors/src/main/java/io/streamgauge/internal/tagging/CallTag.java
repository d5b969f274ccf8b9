package io.streamgauge.internal.tagging;

import io.grpc.Context;
import io.streamgauge.gray.GrayTag;
import io.streamgauge.internal.guard.CallPath;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.stream.TagSlot;

/**
 * What tagging keeps on a stream. Written before the stream starts, by the one thread that has it
 * then; {@link #mirrored} by the threads of its callbacks, which come one after the other.
 */
final class CallTag implements TagSlot {

  /** Stands for nothing kept; never written. */
  private static final CallTag NONE = new CallTag();

  /** The tag of the call; null if it has none. */
  GrayTag tag;

  /** gRPC's context for the application's callbacks, where it must be another; else null. */
  Context mirror;

  /** What was current where {@link #mirror} is now; null between callbacks. */
  Context mirrored;

  /** Server: the trace was counted among those of tagged calls, and is to be counted down. */
  boolean traceRemembered;

  /** Client: the tag is not to be sent to this peer. */
  boolean keepsTag;

  /** Server: why the call is to be refused, or null. */
  String refusal;

  /** Of every call with that tag and nothing else: never written. */
  private final boolean shared;

  /** The same with {@link #traceRemembered}; null in that one. */
  private final CallTag remembered;

  private CallTag() {
    shared = false;
    remembered = null;
  }

  private CallTag(GrayTag tag, CallTag remembered) {
    shared = true;
    this.tag = tag;
    this.traceRemembered = remembered == null;
    this.remembered = remembered;
  }

  /** What calls share that have a tag, and nothing else. */
  static CallTag shared(GrayTag tag) {
    return new CallTag(tag, new CallTag(tag, null));
  }

  /** The call has that tag. */
  static void tag(StreamRecorder stream, GrayTag tag) {
    if (kept(stream) == null) {
      stream.tagSlot(TagAccess.shared(tag));
    } else {
      made(stream).tag = tag;
    }
  }

  /** The trace was counted among those of tagged calls. */
  static void rememberTrace(StreamRecorder stream) {
    CallTag known = kept(stream);
    if (known.shared) {
      stream.tagSlot(known.remembered);
    } else {
      known.traceRemembered = true;
    }
  }

  private static CallTag kept(StreamRecorder stream) {
    return (CallTag) stream.tagSlot();
  }

  /** To read; what was never written is as in a new one. */
  @CallPath
  static CallTag of(StreamRecorder stream) {
    CallTag known = kept(stream);
    return known == null ? NONE : known;
  }

  /** To write; made with the first use. */
  static CallTag made(StreamRecorder stream) {
    CallTag known = kept(stream);
    if (known == null || known.shared) {
      CallTag made = new CallTag();
      if (known != null) {
        made.tag = known.tag;
        made.traceRemembered = known.traceRemembered;
      }
      stream.tagSlot(made);
      return made;
    }
    return known;
  }
}
