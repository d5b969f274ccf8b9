package io.streamgauge.internal.tracing.sdk;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.common.InstrumentationScopeInfo;
import io.opentelemetry.sdk.trace.IdGenerator;
import io.opentelemetry.sdk.trace.SpanLimits;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.samplers.SamplingDecision;
import io.opentelemetry.sdk.trace.samplers.SamplingResult;
import io.streamgauge.internal.context.CallContext;
import io.streamgauge.internal.guard.CallPath;
import io.streamgauge.internal.stream.StreamKind;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.tracing.IdSpan;
import io.streamgauge.internal.tracing.SpanSource;
import io.streamgauge.internal.tracing.TraceIds;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Spans of calls for the OpenTelemetry SDK: sampled by the user's sampler before anything is made,
 * with ids of the user's generator, and given to the user's processors. The order of what is asked
 * and told is that of the SDK.
 */
public final class SdkSpans implements SpanSource {

  /** No parent has a clock that a span could go on with. */
  static final long NONE = Long.MIN_VALUE;

  final SdkParts parts;
  final InstrumentationScopeInfo scope;

  @SuppressWarnings("deprecation") // SpanData still has to tell it
  final io.opentelemetry.sdk.common.InstrumentationLibraryInfo library;

  private final Tracer tracer;
  private final WallClock wall;

  @SuppressWarnings("deprecation")
  private SdkSpans(SdkParts parts, Tracer tracer, String scope, String version) {
    this.parts = parts;
    this.tracer = tracer;
    this.wall = new WallClock(parts.clock);
    this.scope = InstrumentationScopeInfo.builder(scope).setVersion(version).build();
    this.library = io.opentelemetry.sdk.common.InstrumentationLibraryInfo.create(scope, version);
  }

  /**
   * A source of spans for that OpenTelemetry.
   *
   * @param tracer of the same scope: it knows whether the scope is switched off
   * @return null where it is not the SDK, or one that cannot be read
   * @throws LinkageError if the SDK is not there, or is another one
   */
  public static SpanSource of(
      OpenTelemetry openTelemetry, Tracer tracer, String scope, String version) {
    SdkParts parts = SdkParts.of(openTelemetry);
    return parts == null ? null : new SdkSpans(parts, tracer, scope, version);
  }

  @Override
  @CallPath
  public Span start(
      StreamRecorder stream,
      SpanKind kind,
      Context parent,
      String authority,
      SpanContext link,
      Instant since) {
    if (!tracer.isEnabled() || parts.isShutDown()) {
      return null;
    }
    Span parentSpan = Span.fromContext(parent);
    SpanContext above = parentSpan.getSpanContext();
    boolean child = above.isValid();
    if (!child && parts.rules.asksAtRoot()) {
      return null; // the SDK tells such a sampler of random ids in a way of its own
    }
    CallTarget target = target(stream, kind, authority);
    long traceHigh = 0;
    long traceLow = 0;
    long parentId = 0;
    boolean random = false;
    if (child && above instanceof TraceIds) {
      TraceIds known = (TraceIds) above;
      traceHigh = known.traceHigh;
      traceLow = known.traceLow;
      parentId = known.spanId;
      random = (known.flags() & TraceIds.RANDOM) != 0;
    } else if (child) {
      String trace = above.getTraceId();
      String span = above.getSpanId();
      if (!TraceIds.isTraceId(trace) || !TraceIds.isSpanId(span)) {
        return null;
      }
      traceHigh = TraceIds.read(trace, 0);
      traceLow = TraceIds.read(trace, 16);
      parentId = TraceIds.read(span, 0);
      random = above.getTraceFlags().isTraceIdRandom();
    }
    long spanId;
    if (parts.ids == IdGenerator.random()) {
      ThreadLocalRandom drawn = ThreadLocalRandom.current();
      spanId = TraceIds.nonZero(drawn);
      if (!child) {
        traceHigh = drawn.nextLong();
        traceLow = TraceIds.nonZero(drawn);
      }
    } else {
      String span = parts.ids.generateSpanId();
      String trace = child ? null : parts.ids.generateTraceId();
      if (!TraceIds.isSpanId(span) || (trace != null && !TraceIds.isTraceId(trace))) {
        return null;
      }
      spanId = TraceIds.read(span, 0);
      if (trace != null) {
        traceHigh = TraceIds.read(trace, 0);
        traceLow = TraceIds.read(trace, 16);
      }
    }
    if (!child) {
      random = parts.ids.generatesRandomTraceIds();
    }

    boolean linked = link != null && link.isValid();
    TraceState parentState = above.getTraceState();
    TraceState state = parentState;
    SamplingResult result = null;
    SamplingDecision decision;
    switch (parts.rules.of(above, traceLow)) {
      case SAMPLE:
        decision = SamplingDecision.RECORD_AND_SAMPLE;
        break;
      case DROP:
        decision = SamplingDecision.DROP;
        break;
      default:
        List<LinkData> links =
            linked && target.limits.getMaxNumberOfLinks() > 0
                ? Collections.singletonList(LinkData.create(link))
                : Collections.emptyList();
        result =
            parts.sampler.shouldSample(
                CallContext.lasting(parent),
                TraceIds.traceId(traceHigh, traceLow),
                target.name,
                kind,
                target.attributes(),
                links);
        decision = result.getDecision();
        state = result.getUpdatedTraceState(parentState);
    }
    boolean sampled = decision == SamplingDecision.RECORD_AND_SAMPLE;
    int flags = (sampled ? TraceIds.SAMPLED : 0) | (random ? TraceIds.RANDOM : 0);
    Runnable counted = parts.counted(above, decision);
    if (decision == SamplingDecision.DROP) {
      return IdSpan.dropped(traceHigh, traceLow, spanId, flags, state);
    }

    long anchor = NONE;
    if (parentSpan instanceof RecordedSpan) {
      anchor = ((RecordedSpan) parentSpan).anchor(parts.clock);
    } else if (parts.isOfSdk(parentSpan)) {
      anchor = parts.anchor(parentSpan);
    }
    long now = parts.clock.nanoTime();
    if (anchor == NONE) {
      anchor = parts.isOnSystemClock ? wall.anchor(now) : parts.clock.now() - now;
    }
    long start = anchor + now;
    RecordedSpan span =
        new RecordedSpan(
            target,
            traceHigh,
            traceLow,
            spanId,
            flags,
            parentId,
            above,
            since == null ? start : nanos(since),
            anchor);
    boolean plainState = state.isEmpty() && parentState.isEmpty();
    if (!plainState || counted != null || linked || result != null) {
      Additions additions = span.additions();
      additions.state = state;
      additions.parentState = parentState;
      additions.counted = counted;
      if (linked) {
        additions.add(LinkData.create(link));
      }
      if (result != null) {
        result.getAttributes().forEach(additions::put);
      }
    }
    SpanProcessor processor = parts.processor;
    if (processor.isStartRequired()) {
      processor.onStart(CallContext.lasting(parent), span);
    }
    return span;
  }

  private static long nanos(Instant instant) {
    return TimeUnit.SECONDS.toNanos(instant.getEpochSecond()) + instant.getNano();
  }

  @CallPath
  private CallTarget target(StreamRecorder stream, SpanKind kind, String authority) {
    StreamKind of = stream.kind();
    SpanLimits limits = parts.limits();
    if (of.slot() instanceof CallTarget) {
      CallTarget known = (CallTarget) of.slot();
      if (known.is(this, kind, limits, authority)) {
        return known;
      }
    }
    CallTarget made = new CallTarget(this, stream, kind, limits, authority);
    of.slot(made);
    return made;
  }

  @Override
  @CallPath
  public boolean end(StreamRecorder stream, Span span, long nowNanos) {
    if (span instanceof RecordedSpan) {
      ((RecordedSpan) span).end(stream, nowNanos);
      return true;
    }
    return span instanceof IdSpan;
  }
}
