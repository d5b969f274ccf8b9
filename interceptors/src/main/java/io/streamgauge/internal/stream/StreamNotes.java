package io.streamgauge.internal.stream;

import io.streamgauge.CallSide;
import io.streamgauge.internal.guard.CallPath;

/**
 * What other rooms keep on a stream; opaque here. The note is made before the stream starts, by the
 * one thread that has it then; what is written later finds it there.
 */
abstract class StreamNotes extends StreamFlow {

  /** Null while there is nothing to keep, as with numbers alone. */
  private StreamNote note;

  StreamNotes(CallSide side, StreamEnvironment env) {
    super(side, env);
  }

  @CallPath
  final StreamNote note() {
    if (note == null) {
      note = new StreamNote();
    }
    return note;
  }

  final StreamNote read() {
    StreamNote kept = note;
    return kept == null ? StreamNote.NONE : kept;
  }

  /** What must be current while the application's callbacks run; opaque here. */
  @CallPath
  public Object context() {
    return read().context;
  }

  public void context(Object context) {
    note().context = context;
  }

  /** The stream's span, opaque here. */
  @CallPath
  public Object span() {
    return read().span;
  }

  public void span(Object span) {
    note().span = span;
  }

  /**
   * A context with the stream's span in it, for what is measured; opaque here, null without one.
   */
  public Object own() {
    return read().own;
  }

  public void own(Object context) {
    note().own = context;
  }

  /** The same for a span that another instrumentation has made for this call, and will end. */
  public void borrowSpan(Object span) {
    note().span = span;
    note().borrowed = true;
  }

  public boolean isSpanBorrowed() {
    return read().borrowed;
  }

  /** Where the stream's checkpoints have got to, opaque here. */
  public Object checkpoint() {
    return read().checkpoint;
  }

  public void checkpoint(Object checkpoint) {
    note().checkpoint = checkpoint;
  }

  /** A span the stream's own is to be linked to, opaque here; null if none. */
  public Object link() {
    return read().link;
  }

  public void link(Object link) {
    note().link = link;
  }

  /** The gray tag of the call, opaque here; null if it has none. */
  public Object tag() {
    return read().tag;
  }

  public void tag(Object tag) {
    note().tag = tag;
  }

  /** gRPC's context for the application's callbacks, where it must be another; opaque here. */
  public Object mirror() {
    return read().mirror;
  }

  public void mirror(Object mirror) {
    note().mirror = mirror;
  }

  /** What was current where {@link #mirror()} is now, opaque here; null between callbacks. */
  public Object mirrored() {
    return read().mirrored;
  }

  public void mirrored(Object before) {
    note().mirrored = before;
  }

  /** Server: the trace was counted among those of tagged calls, and is to be counted down. */
  public void traceRemembered() {
    note().traceRemembered = true;
  }

  public boolean isTraceRemembered() {
    return read().traceRemembered;
  }

  /** Client: the tag is not to be sent to this peer. */
  public void keepTag(boolean keep) {
    if (keep != keepsTag()) {
      note().keepsTag = keep;
    }
  }

  public boolean keepsTag() {
    return read().keepsTag;
  }

  /** Server: the call is to be refused; the first reason stays. */
  public void reject(String why) {
    if (rejection() == null) {
      note().rejection = why;
    }
  }

  /** Why the call is to be refused, or null. */
  public String rejection() {
    return read().rejection;
  }

  /** Client: bytes left beside the application's headers; at 0 or below ours are not sent. */
  public int headerRoom() {
    return read().headerRoom;
  }

  public void headerRoom(int bytes) {
    if (bytes != headerRoom()) {
      note().headerRoom = bytes;
    }
  }

  public void trace(String traceId, String spanId, boolean sampled) {
    note().traceId = traceId;
    note().spanId = spanId;
    note().sampled = sampled;
  }

  /** 32 hex digits, or null when the stream has no trace. */
  public String traceId() {
    return read().traceId;
  }

  /** 16 hex digits, or null when the stream has no trace. */
  public String spanId() {
    return read().spanId;
  }

  /** Whether the trace is recorded, so that a link to it leads somewhere. */
  public boolean sampled() {
    return read().sampled;
  }
}
