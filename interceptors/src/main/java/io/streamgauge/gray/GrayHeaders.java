package io.streamgauge.gray;

import io.streamgauge.internal.grpc.HeaderPort;

import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.opentelemetry.context.Context;
import io.streamgauge.internal.guard.CallPath;
import io.streamgauge.internal.stream.LaneEvent;
import io.streamgauge.internal.stream.StreamListener;
import io.streamgauge.internal.stream.StreamRecorder;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The tag in gRPC's metadata: read on the server before there is a span, derived once there is one,
 * written on the client as header and baggage entry.
 */
public final class GrayHeaders implements StreamListener {

  /** Traces of tagged calls being served that are remembered; more are not looked for. */
  private static final int MAX_TRACES = 10_000;

  private final GrayResolver resolver;

  private final Map<String, Integer> taggedTraces = new ConcurrentHashMap<>();

  public GrayHeaders(GrayResolver resolver) {
    this.resolver = resolver;
  }

  /** After the trace was extracted, before the span starts. */
  public HeaderPort resolving() {
    return new HeaderPort() {
      @Override
      public void serverHeaders(StreamRecorder stream, Metadata headers, ServerCall<?, ?> call) {
        Context base = contextOf(stream);
        GrayTag tag = resolver.inbound(resolver.policy(), stream, headers, call);
        Context context = tag == null ? GrayTags.without(base) : GrayTags.with(base, tag);
        if (context != base) {
          stream.context(context);
        }
        if (tag != null) {
          remember(stream, tag);
        }
      }

      @Override
      public void clientHeaders(
          StreamRecorder stream, Metadata headers, CallOptions options, String authority) {
        GrayPolicy policy = resolver.policy();
        GrayTag tag = outbound(policy, stream, headers, options);
        if (tag != null) {
          stream.tag(tag);
          stream.lane(tag.value());
          if (tag.source() == GrayTag.Source.EXPLICIT || tag.source() == GrayTag.Source.INSTANCE) {
            // Born here; what was handed on has been counted where it came in.
            stream.tagged(LaneEvent.RESOLVED, tag.source().label());
          }
        }
        String target = options.getAuthority() == null ? authority : options.getAuthority();
        stream.keepTag(!policy.egress.matches(target));
      }
    };
  }

  @CallPath
  private static Context contextOf(StreamRecorder stream) {
    return stream.context() == null ? Context.current() : (Context) stream.context();
  }

  @CallPath
  private static GrayTag outbound(
      GrayPolicy policy, StreamRecorder stream, Metadata headers, CallOptions options) {
    GrayTag tag = options.getOption(GrayTags.CALL_OPTION);
    if (tag == null && headers.containsKey(policy.header)) {
      tag = GrayResolver.given(policy, stream, headers);
    }
    if (tag == null) {
      tag = GrayTags.find();
    }
    return tag == null ? policy.instanceTag : tag;
  }

  private static void remember(StreamRecorder stream, GrayTag tag) {
    stream.tag(tag);
    stream.lane(tag.value());
    if (!stream.executorKnown()) {
      // With a tracer the stream itself is in that context, and with it the tag.
      stream.mirror(GrayTags.mirror(io.grpc.Context.current(), tag));
    }
    stream.tagged(LaneEvent.RESOLVED, tag.source().label());
  }

  /** Once the span has started: a call that begins here has a trace id only now. */
  public HeaderPort deriving() {
    return new HeaderPort() {
      @Override
      public void serverHeaders(StreamRecorder stream, Metadata headers, ServerCall<?, ?> call) {
        GrayPolicy policy = resolver.policy();
        if (stream.tag() == null && policy.derives()) {
          GrayTag tag = GrayResolver.derived(policy, stream, headers);
          if (tag != null) {
            stream.context(GrayTags.with(contextOf(stream), tag));
            remember(stream, tag);
          }
        }
        if (stream.tag() != null && stream.traceId() != null && taggedTraces.size() < MAX_TRACES) {
          taggedTraces.merge(stream.traceId(), 1, Integer::sum);
          stream.traceRemembered();
        }
      }
    };
  }

  @Override
  public void ended(StreamRecorder stream) {
    if (stream.isTraceRemembered()) {
      taggedTraces.computeIfPresent(
          stream.traceId(), (trace, calls) -> calls == 1 ? null : calls - 1);
    }
  }

  /** The last hook of a client call: nothing after it touches the headers. */
  public HeaderPort injecting() {
    return new HeaderPort() {
      @Override
      public void clientHeaders(
          StreamRecorder stream, Metadata headers, CallOptions options, String authority) {
        GrayTag tag = (GrayTag) stream.tag();
        GrayPolicy policy = resolver.policy();
        if (stream.keepsTag()) {
          GrayResolver.strip(policy, headers);
          return;
        }
        if (tag == null) {
          // What the application has copied there was refused, or is not ours to send.
          GrayBaggage.remove(headers);
          if (stream.traceId() != null && taggedTraces.containsKey(stream.traceId())) {
            stream.tagged(LaneEvent.LOST, "in_process");
          }
          return;
        }
        if (stream.headerRoom() > 0) {
          headers.discardAll(policy.header);
          headers.put(policy.header, tag.value());
          GrayBaggage.write(headers, tag);
        }
      }
    };
  }
}
