package io.streamgauge.internal.tagging;

import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.opentelemetry.context.Context;
import io.streamgauge.gray.GrayIngress;
import io.streamgauge.gray.GrayTag;
import io.streamgauge.gray.GrayTags;
import io.streamgauge.internal.context.CallContext;
import io.streamgauge.internal.guard.CallPath;
import io.streamgauge.internal.stream.LaneEvent;
import io.streamgauge.internal.stream.StreamListener;
import io.streamgauge.internal.stream.StreamRecorder;

/**
 * The tag in gRPC's metadata: read on the server before there is a span, derived once there is one,
 * written on the client as header and baggage entry.
 */
public final class TagHeaders implements StreamListener {

  private final TagResolver resolver;

  private final TaggedTraces taggedTraces = new TaggedTraces();

  public TagHeaders(TagResolver resolver) {
    this.resolver = resolver;
  }

  /** Whether any caller may say which tag it has. */
  public boolean believesCallers() {
    return resolver.rules().ingress == GrayIngress.TRUSTED;
  }

  /**
   * A server's call: the tag it has brought or gets, after the trace was extracted and before the
   * span starts.
   *
   * @param only the tag in the header {@code baggage} if there is nothing else in there; else null
   */
  @CallPath
  public void resolve(
      StreamRecorder stream, Metadata headers, ServerCall<?, ?> call, KnownTag only) {
    Context base = contextOf(stream);
    GrayTag tag = resolver.inbound(resolver.rules(), stream, headers, call, only);
    Context context = tag == null ? TagContext.without(base) : TagContext.with(stream, base, tag);
    if (context != base) {
      CallContext.callbacks(stream, context);
    }
    if (tag != null) {
      remember(stream, tag);
    }
  }

  /** Why a server's call is to be refused, or null. */
  @CallPath
  public String refusal(StreamRecorder stream) {
    return CallTag.of(stream).refusal;
  }

  /**
   * A client's call: the tag it is to have, before the span starts.
   *
   * @param none whether the application gave the call no headers
   */
  @CallPath
  public void choose(
      StreamRecorder stream,
      Metadata headers,
      CallOptions options,
      String authority,
      boolean none) {
    TagRules rules = resolver.rules();
    GrayTag tag = outbound(rules, stream, headers, options, none);
    if (tag != null) {
      CallTag.tag(stream, tag);
      stream.lane(tag.value());
      if (tag.source() == GrayTag.Source.EXPLICIT || tag.source() == GrayTag.Source.INSTANCE) {
        // Born here; what was handed on has been counted where it came in.
        stream.laneEvent(LaneEvent.RESOLVED, tag.source().label());
      }
    }
    String target = options.getAuthority() == null ? authority : options.getAuthority();
    if (!rules.egress.matches(target)) {
      CallTag.made(stream).keepsTag = true;
    }
  }

  @CallPath
  private static Context contextOf(StreamRecorder stream) {
    Context known = CallContext.callbacks(stream);
    return known == null ? Context.current() : known;
  }

  @CallPath
  private static GrayTag outbound(
      TagRules rules, StreamRecorder stream, Metadata headers, CallOptions options, boolean none) {
    GrayTag tag = options.getOption(GrayTags.CALL_OPTION);
    if (tag == null && !none && headers.containsKey(rules.header)) {
      tag = TagResolver.given(rules, stream, headers);
    }
    if (tag == null) {
      tag = GrpcTagContext.find();
    }
    return tag == null ? rules.instanceTag : tag;
  }

  private static void remember(StreamRecorder stream, GrayTag tag) {
    CallTag.tag(stream, tag);
    stream.lane(tag.value());
    if (!stream.executorKnown()) {
      // With a tracer the stream itself is in that context, and with it the tag.
      CallTag.made(stream).mirror = GrpcTagContext.mirror(io.grpc.Context.current(), tag);
    }
    stream.laneEvent(LaneEvent.RESOLVED, tag.source().label());
  }

  /** Once the span of a server's call has started: one that begins here has a trace id only now. */
  @CallPath
  public void derive(StreamRecorder stream, Metadata headers) {
    TagRules rules = resolver.rules();
    if (CallTag.of(stream).tag == null && rules.derives()) {
      GrayTag tag = TagResolver.derived(rules, stream, headers);
      if (tag != null) {
        CallContext.callbacks(stream, TagContext.with(stream, contextOf(stream), tag));
        remember(stream, tag);
      }
    }
    CallTag state = CallTag.of(stream);
    long trace = state.tag == null ? 0 : stream.traceNumber();
    if (trace != 0 && taggedTraces.add(trace)) {
      CallTag.rememberTrace(stream);
    }
  }

  @Override
  public void ended(StreamRecorder stream, long nowNanos) {
    if (CallTag.of(stream).traceRemembered) {
      taggedTraces.remove(stream.traceNumber());
    }
  }

  /**
   * The tag of a client's call goes onto the wire; nothing after this touches the headers.
   *
   * @param traceOnly whether there is no header but that of the trace
   */
  @CallPath
  public void inject(StreamRecorder stream, Metadata headers, boolean traceOnly) {
    CallTag state = CallTag.of(stream);
    GrayTag tag = state.tag;
    TagRules rules = resolver.rules();
    if (state.keepsTag) {
      TagResolver.strip(rules, headers);
      return;
    }
    if (tag == null) {
      // What the application has copied there was refused, or is not ours to send.
      TagBaggage.remove(headers);
      long trace = stream.traceNumber();
      if (trace != 0 && taggedTraces.contains(trace)) {
        stream.laneEvent(LaneEvent.LOST, "in_process");
      }
      return;
    }
    if (stream.headerRoom() > 0) {
      if (!traceOnly) {
        headers.discardAll(rules.header);
      }
      headers.put(rules.headerBytes, TagAccess.bytes(tag));
      TagBaggage.write(headers, tag, traceOnly);
    }
  }
}
