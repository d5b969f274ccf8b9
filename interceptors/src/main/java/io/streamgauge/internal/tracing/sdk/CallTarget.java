package io.streamgauge.internal.tracing.sdk;

import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.sdk.common.internal.AttributesMap;
import io.opentelemetry.sdk.trace.SpanLimits;
import io.streamgauge.internal.stream.KindSlot;
import io.streamgauge.internal.stream.StreamEnvironment;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.tracing.CallSpans;
import io.streamgauge.internal.tracing.SpanAttributes;
import java.util.Objects;

/** What the spans of one method, side and authority have in common from their start on. */
final class CallTarget implements KindSlot {

  final SdkSpans source;
  final String name;
  final SpanKind kind;
  final SpanLimits limits;
  private final String authority;

  /** Gives streams their numbers. */
  final StreamEnvironment streams;

  /** Of the calls like that stream's. */
  CallTarget(
      SdkSpans source, StreamRecorder stream, SpanKind kind, SpanLimits limits, String authority) {
    this.limits = limits;
    this.source = source;
    this.name = stream.method().fullName();
    this.streams = stream.environment();
    this.kind = kind;
    this.authority = authority;
  }

  /** The attributes that such a span has from its start on, within the limits. */
  AttributesMap attributes() {
    AttributesMap map =
        AttributesMap.create(
            limits.getMaxNumberOfAttributes(), limits.getMaxAttributeValueLength());
    map.put(SpanAttributes.SYSTEM, "grpc");
    map.put(SpanAttributes.METHOD, name);
    CallSpans.address(authority, map::put);
    return map;
  }

  boolean is(SdkSpans ofSource, SpanKind ofKind, SpanLimits ofLimits, String ofAuthority) {
    return source == ofSource
        && kind == ofKind
        && limits == ofLimits
        && Objects.equals(authority, ofAuthority);
  }
}
