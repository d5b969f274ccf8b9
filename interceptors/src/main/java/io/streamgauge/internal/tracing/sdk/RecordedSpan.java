package io.streamgauge.internal.tracing.sdk;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanId;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.sdk.common.Clock;
import io.opentelemetry.sdk.common.InstrumentationScopeInfo;
import io.opentelemetry.sdk.common.internal.AttributeUtil;
import io.opentelemetry.sdk.common.internal.AttributesMap;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.SpanLimits;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.EventData;
import io.opentelemetry.sdk.trace.data.ExceptionEventData;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.data.StatusData;
import io.opentelemetry.sdk.trace.internal.ExtendedSpanProcessor;
import io.streamgauge.gray.GrayTag;
import io.streamgauge.internal.guard.CallPath;
import io.streamgauge.internal.stream.Connection;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.tagging.Tags;
import io.streamgauge.internal.tracing.CallEnd;
import io.streamgauge.internal.tracing.IdSpan;
import io.streamgauge.internal.tracing.TraceIds;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;

/**
 * The span of a call, its ids, and what an exporter reads, in one object of 96 bytes. A unary call
 * that ends with OK and is given nothing by the application is kept as numbers; its attributes are
 * made when an exporter asks. Everything else is in {@link Additions}, as the SDK would keep it.
 *
 * <p>The ending thread writes the figures of the end and then the phase {@link #ENDED}; a processor
 * or exporter reads the phase first.
 */
final class RecordedSpan extends TraceIds implements ReadWriteSpan, SpanData {

  // The parts of the phase.

  private static final int OPEN = 0;

  /** The ending thread alone may still change the span. */
  private static final int ENDING = 1;

  private static final int ENDED = 2;
  private static final int STAGE = 3;

  /** The parent is in another process; known from the start. */
  private static final int PARENT_REMOTE = 4;

  /** The span is that of a plain call; known from the end. */
  private static final int PLAIN = 8;

  /** The parent's ids are one of our own objects, and are given back as such: equal to it. */
  private static final int PARENT_OURS = 16;

  private static final AtomicIntegerFieldUpdater<RecordedSpan> PHASE =
      AtomicIntegerFieldUpdater.newUpdater(RecordedSpan.class, "phase");

  private static final AtomicReferenceFieldUpdater<RecordedSpan, Additions> ADDITIONS =
      AtomicReferenceFieldUpdater.newUpdater(RecordedSpan.class, Additions.class, "additions");

  private final CallTarget target;
  private final long parentId;
  private final long startEpochNanos;

  /**
   * Until the end: wall clock less the SDK's clock; from then on the wall clock of the end. The
   * ending thread writes it once, while the phase is {@link #ENDING}; another thread believes it if
   * the phase was another one after it was read.
   */
  private volatile long times;

  /** Null for a plain call. Made by compare-and-set, and never taken away. */
  private volatile Additions additions;

  private volatile int phase;

  // What a plain call came to; written at the end.

  private Connection connection;
  private GrayTag tag;
  private int streamId;
  private int wireOut;
  private int wireIn;
  private byte sent;
  private byte received;

  private final byte parentFlags;

  /**
   * A span that starts now.
   *
   * @param parentId 0 for a root
   * @param parent whose flags are remembered; invalid for a root
   * @param anchor wall clock less the SDK's clock, nanoseconds
   */
  RecordedSpan(
      CallTarget target,
      long traceHigh,
      long traceLow,
      long spanId,
      int flags,
      long parentId,
      SpanContext parent,
      long startEpochNanos,
      long anchor) {
    super(traceHigh, traceLow, spanId, flags);
    this.target = target;
    this.parentId = parentId;
    this.parentFlags = parent.getTraceFlags().asByte();
    this.phase =
        (parent.isRemote() ? PARENT_REMOTE : 0) | (parent instanceof TraceIds ? PARENT_OURS : 0);
    this.startEpochNanos = startEpochNanos;
    this.times = anchor;
  }

  private int stage() {
    return phase & STAGE;
  }

  private boolean isPlain() {
    return (phase & PLAIN) != 0;
  }

  private SdkParts parts() {
    return target.source.parts;
  }

  /** To change; made if need be. */
  Additions additions() {
    Additions known = additions;
    if (known == null) {
      ADDITIONS.compareAndSet(this, null, new Additions(target.limits, target.attributes()));
      known = additions;
    }
    return known;
  }

  /** Wall clock by the reading at the start of the span or of a parent, as the SDK has it. */
  private long clock() {
    Additions known = stage() == OPEN ? null : additions;
    return (known == null ? times : known.anchor) + parts().clock.nanoTime();
  }

  /**
   * Wall clock less the SDK's clock, so that parent and child agree for their life; {@link
   * SdkSpans#NONE} once the span ends, and for a child with another clock.
   */
  long anchor(Clock ofChild) {
    long known = times;
    return stage() == OPEN && parts().clock == ofChild ? known : SdkSpans.NONE;
  }

  /** Whether this thread may still change the span; the caller holds the additions' monitor. */
  private boolean isOpen(Additions held) {
    int now = stage();
    return now == OPEN || (now == ENDING && Thread.currentThread() == held.ending);
  }

  // ---- the end -------------------------------------------------------------------------------

  /** The call is over. */
  @CallPath
  void end(StreamRecorder stream, long nowNanos) {
    if (stage() != OPEN) {
      return; // by the application
    }
    boolean plain = keep(stream);
    if (!plain) {
      CallEnd.tell(stream, this::setAttribute);
      if (CallEnd.isError(stream)) {
        setStatus(StatusCode.ERROR, CallEnd.description(stream));
      }
    }
    long late = nowNanos - stream.endNanos(nowNanos);
    // The same clock need not be read again.
    boolean read = parts().isOnSystemClock && target.streams.isOnSystemClock();
    finish((read ? times + nowNanos : clock()) - late, plain ? PLAIN : 0);
  }

  /** Keeps the figures of a plain call; false if it is none. */
  private boolean keep(StreamRecorder stream) {
    if (stream.code() != 0 || !stream.isUnary()) {
      return false;
    }
    long id = stream.id();
    long numberSent = stream.sent();
    long numberReceived = stream.received();
    long out = stream.wireOut();
    long in = stream.wireIn();
    if ((int) id != id
        || (byte) numberSent != numberSent
        || (byte) numberReceived != numberReceived
        || (int) out != out
        || (int) in != in) {
      return false;
    }
    streamId = (int) id;
    sent = (byte) numberSent;
    received = (byte) numberReceived;
    wireOut = (int) out;
    wireIn = (int) in;
    connection = stream.connection();
    tag = Tags.of(stream);
    return true;
  }

  private void finish(long endEpochNanos, int plain) {
    int open = phase;
    int ending = open | ENDING | plain;
    if ((open & STAGE) != OPEN || !PHASE.compareAndSet(this, open, ending)) {
      return;
    }
    long anchor = times;
    times = endEpochNanos;
    Additions known = additions;
    if (known != null && known.counted != null) {
      known.counted.run();
    }
    SpanProcessor processor = parts().processor;
    if (processor instanceof ExtendedSpanProcessor) {
      ending((ExtendedSpanProcessor) processor, anchor);
    }
    phase = (ending & ~STAGE) | ENDED;
    known = additions;
    if (known != null) {
      synchronized (known) {
        // A change that another thread has begun is made by now; a later one finds the span ended.
        known.ending = null;
      }
    }
    if (processor.isEndRequired()) {
      processor.onEnd(this);
    }
  }

  private void ending(ExtendedSpanProcessor processor, long anchor) {
    if (processor.isOnEndingRequired()) {
      Additions known = additions();
      synchronized (known) {
        known.ending = Thread.currentThread();
        known.anchor = anchor;
      }
      processor.onEnding(this);
    }
  }

  private void tellKept(CallEnd.Sink sink) {
    // Drawn by the thread that exports: the counter is shared by all calls.
    long id = streamId == 0 ? target.streams.nextId() : streamId;
    CallEnd.tellClean(connection, sent, received, wireOut, wireIn, id, tag, sink);
  }

  /** The figures of a plain call's end are among the attributes; the caller holds the monitor. */
  private void settle(Additions held) {
    if (isPlain() && !held.hasKept) {
      held.hasKept = true;
      tellKept(held::put);
    }
  }

  // ---- ids -----------------------------------------------------------------------------------

  @Override
  public TraceState getTraceState() {
    Additions known = additions;
    return known == null ? TraceState.getDefault() : known.state;
  }

  @Override
  public boolean isRemote() {
    return false;
  }

  @Override
  public SpanContext getSpanContext() {
    return this;
  }

  @Override
  public SpanContext getParentSpanContext() {
    if (parentId == 0) {
      return SpanContext.getInvalid();
    }
    Additions known = additions;
    TraceState state = known == null ? TraceState.getDefault() : known.parentState;
    boolean remote = (phase & PARENT_REMOTE) != 0;
    if ((phase & PARENT_OURS) != 0) {
      return IdSpan.of(traceHigh, traceLow, parentId, parentFlags, state, remote);
    }
    TraceFlags flags = TraceFlags.fromByte(parentFlags);
    String id = spanId(parentId);
    return remote
        ? SpanContext.createFromRemoteParent(getTraceId(), id, flags, state)
        : SpanContext.create(getTraceId(), id, flags, state);
  }

  @Override
  public String getParentSpanId() {
    return parentId == 0 ? SpanId.getInvalid() : spanId(parentId);
  }

  // ---- what may change until the end ---------------------------------------------------------

  @Override
  public <T> ReadWriteSpan setAttribute(AttributeKey<T> key, T value) {
    if (key != null && !key.getKey().isEmpty() && value != null && stage() != ENDED) {
      Additions known = additions();
      synchronized (known) {
        if (isOpen(known)) {
          settle(known);
          known.put(key, value);
        }
      }
    }
    return this;
  }

  private Attributes limited(Attributes attributes, int most) {
    return AttributeUtil.applyAttributesLimit(
        attributes, most, additions().limits.getMaxAttributeValueLength());
  }

  private ReadWriteSpan event(EventData event) {
    Additions known = additions();
    synchronized (known) {
      if (isOpen(known)) {
        known.add(event);
      }
    }
    return this;
  }

  @Override
  public Span addEvent(String name) {
    return addEvent(name, Attributes.empty());
  }

  @Override
  public Span addEvent(String name, long timestamp, TimeUnit unit) {
    return addEvent(name, Attributes.empty(), timestamp, unit);
  }

  @Override
  public Span addEvent(String name, Attributes attributes) {
    return name == null || stage() == ENDED ? this : event(name, attributes, clock());
  }

  @Override
  public Span addEvent(String name, Attributes attributes, long timestamp, TimeUnit unit) {
    return name == null || unit == null || stage() == ENDED
        ? this
        : event(name, attributes, unit.toNanos(timestamp));
  }

  private Span event(String name, Attributes given, long epochNanos) {
    Attributes attributes = given == null ? Attributes.empty() : given;
    int most = additions().limits.getMaxNumberOfAttributesPerEvent();
    return event(EventData.create(epochNanos, name, limited(attributes, most), attributes.size()));
  }

  @Override
  public Span recordException(Throwable exception) {
    return recordException(exception, Attributes.empty());
  }

  @Override
  public Span recordException(Throwable exception, Attributes given) {
    if (exception == null || stage() == ENDED) {
      return this;
    }
    SpanLimits limits = additions().limits;
    AttributesMap attributes =
        AttributesMap.create(
            limits.getMaxNumberOfAttributes(), limits.getMaxAttributeValueLength());
    parts()
        .exceptions
        .setExceptionAttributes(
            attributes::putIfCapacity, exception, limits.getMaxAttributeValueLength());
    if (given != null) {
      given.forEach(attributes::put);
    }
    return event(
        ExceptionEventData.create(
            clock(), exception, attributes, attributes.getTotalAddedValues()));
  }

  @Override
  public Span addLink(SpanContext linked) {
    return addLink(linked, Attributes.empty());
  }

  @Override
  public Span addLink(SpanContext linked, Attributes given) {
    if (linked == null || !linked.isValid() || stage() == ENDED) {
      return this;
    }
    Attributes attributes = given == null ? Attributes.empty() : given;
    int most = additions().limits.getMaxNumberOfAttributesPerLink();
    LinkData link = LinkData.create(linked, limited(attributes, most));
    Additions known = additions();
    synchronized (known) {
      if (isOpen(known)) {
        known.add(link);
      }
    }
    return this;
  }

  @Override
  public Span setStatus(StatusCode code, String description) {
    if (code != null && stage() != ENDED) {
      Additions known = additions();
      synchronized (known) {
        if (isOpen(known)) {
          known.status(code, description);
        }
      }
    }
    return this;
  }

  @Override
  public Span updateName(String name) {
    if (name != null && stage() != ENDED) {
      Additions known = additions();
      synchronized (known) {
        if (isOpen(known)) {
          known.name = name;
        }
      }
    }
    return this;
  }

  @Override
  public void end() {
    if (stage() == OPEN) {
      finish(clock(), 0);
    }
  }

  @Override
  public void end(long timestamp, TimeUnit unit) {
    if (stage() == OPEN) {
      TimeUnit given = unit == null ? TimeUnit.NANOSECONDS : unit;
      finish(timestamp == 0 ? clock() : given.toNanos(timestamp), 0);
    }
  }

  @Override
  public boolean isRecording() {
    return stage() != ENDED;
  }

  // ---- to read -------------------------------------------------------------------------------

  @Override
  public boolean hasEnded() {
    return stage() == ENDED;
  }

  @Override
  public long getLatencyNanos() {
    long anchor = anchor(parts().clock);
    return (anchor == SdkSpans.NONE ? times : anchor + parts().clock.nanoTime()) - startEpochNanos;
  }

  @Override
  public long getStartEpochNanos() {
    return startEpochNanos;
  }

  @Override
  public long getEndEpochNanos() {
    return stage() == OPEN ? 0 : times;
  }

  @Override
  public SpanKind getKind() {
    return target.kind;
  }

  @Override
  public InstrumentationScopeInfo getInstrumentationScopeInfo() {
    return target.source.scope;
  }

  @Override
  @Deprecated
  public io.opentelemetry.sdk.common.InstrumentationLibraryInfo getInstrumentationLibraryInfo() {
    return target.source.library;
  }

  @Override
  public Resource getResource() {
    return parts().resource;
  }

  @Override
  public String getName() {
    Additions known = additions;
    if (known != null) {
      synchronized (known) {
        if (known.name != null) {
          return known.name;
        }
      }
    }
    return target.name;
  }

  @Override
  public <T> T getAttribute(AttributeKey<T> key) {
    return getAttributes().get(key);
  }

  @Override
  public Attributes getAttributes() {
    // Made with the first read: an exporter reads them several times.
    Additions known = additions();
    synchronized (known) {
      settle(known);
      return stage() == ENDED ? known.attributes : known.attributes.immutableCopy();
    }
  }

  @Override
  public int getTotalAttributeCount() {
    Additions known = additions();
    synchronized (known) {
      settle(known);
      return known.attributes.getTotalAddedValues();
    }
  }

  @Override
  public List<EventData> getEvents() {
    Additions known = additions;
    if (known == null) {
      return Collections.emptyList();
    }
    synchronized (known) {
      return known.eventsNow();
    }
  }

  @Override
  public int getTotalRecordedEvents() {
    Additions known = additions;
    if (known == null) {
      return 0;
    }
    synchronized (known) {
      return known.totalEvents;
    }
  }

  @Override
  public List<LinkData> getLinks() {
    Additions known = additions;
    if (known == null) {
      return Collections.emptyList();
    }
    synchronized (known) {
      return known.linksNow();
    }
  }

  @Override
  public int getTotalRecordedLinks() {
    Additions known = additions;
    if (known == null) {
      return 0;
    }
    synchronized (known) {
      return known.totalLinks;
    }
  }

  @Override
  public StatusData getStatus() {
    Additions known = additions;
    if (known == null) {
      return StatusData.unset();
    }
    synchronized (known) {
      return known.status;
    }
  }

  /** Itself once nothing changes any more. */
  @Override
  public SpanData toSpanData() {
    return stage() == ENDED ? this : new OpenSpanData(this);
  }

  @Override
  public String toString() {
    return "RecordedSpan{" + getName() + ' ' + getTraceId() + ' ' + getSpanId() + '}';
  }
}
