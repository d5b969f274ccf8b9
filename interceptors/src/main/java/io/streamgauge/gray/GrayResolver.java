package io.streamgauge.gray;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.streamgauge.CallSide;
import io.streamgauge.internal.guard.CallPath;
import io.streamgauge.internal.guard.Guard;
import io.streamgauge.internal.stream.LaneEvent;
import io.streamgauge.internal.stream.StreamRecorder;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Which tag a call or message has, by the policy of the moment. Order on a server: header, aliases,
 * baggage, rule, instance, group; whoever comes first. What is refused is counted with its reason.
 */
public final class GrayResolver {

  private static final String SITE_EDGE = "gray.edge";
  private static final String SITE_RULE = "gray.rule";

  private static final int MAX_KEY = 256;

  /** In which the propagators of OpenTelemetry send the id of a trace. */
  private static final List<Metadata.Key<String>> TRACE_HEADERS =
      Collections.unmodifiableList(
          Arrays.asList(
              Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER),
              Metadata.Key.of("b3", Metadata.ASCII_STRING_MARSHALLER),
              Metadata.Key.of("x-b3-traceid", Metadata.ASCII_STRING_MARSHALLER)));

  private static final String UNTRUSTED = "untrusted";
  private static final String CONFLICT = "conflict";
  private static final String NOT_ALLOWED = "not_allowed";

  private final Guard guard;
  private volatile GrayPolicy policy;

  public GrayResolver(Guard guard, GrayPolicy policy) {
    this.guard = guard;
    this.policy = policy;
  }

  @CallPath
  public GrayPolicy policy() {
    return policy;
  }

  /** From the next call or message on. */
  public void policy(GrayPolicy next) {
    policy = Objects.requireNonNull(next, "policy");
  }

  // ---- a call --------------------------------------------------------------------------------

  /** The tag of a call that has come in, or null; what is not believed is taken out of it. */
  @CallPath
  GrayTag inbound(
      GrayPolicy policy, StreamRecorder stream, Metadata headers, ServerCall<?, ?> call) {
    String baggage = GrayBaggage.read(headers);
    String raw = brought(policy, headers);
    GrayTag tag = null;
    if (raw != null || baggage != null) {
      String asked = raw == null ? baggage : raw;
      boolean trusted = isTrusted(policy, asked, headers, call);
      if (trusted) {
        tag = sent(policy, stream, headers, baggage);
        // Whoever may say one thing may not say another: what is taken is what was asked about.
        trusted =
            tag == null
                || tag.value().equals(asked)
                || isTrusted(policy, tag.value(), headers, call);
      }
      if (!trusted) {
        tag = null;
        stream.tagged(LaneEvent.REJECTED, UNTRUSTED);
        strip(policy, headers);
      }
    } else if (policy.ingress != GrayIngress.TRUSTED) {
      // An entry no parser would reach is still there for an application that copies headers.
      GrayBaggage.remove(headers);
    }
    if (policy.instanceTag != null && !policy.instanceTag.equals(tag)) {
      stream.tagged(LaneEvent.LOST, "lane_mismatch");
    }
    if (tag == null) {
      tag = byRule(policy, stream, headers);
    }
    return tag == null ? policy.instanceTag : tag;
  }

  /** Null where nothing was sent. */
  private static String brought(GrayPolicy policy, Metadata headers) {
    String raw = headers.get(policy.header);
    for (int i = 0; raw == null && i < policy.aliases.size(); i++) {
      raw = headers.get(policy.aliases.get(i));
    }
    return raw;
  }

  private boolean isTrusted(
      GrayPolicy policy, String raw, Metadata headers, ServerCall<?, ?> call) {
    if (policy.ingress != GrayIngress.EDGE) {
      return policy.ingress == GrayIngress.TRUSTED;
    }
    try {
      return policy.edge.trusts(raw, headers, call.getAttributes(), call.getMethodDescriptor());
    } catch (Throwable t) {
      guard.swallow(SITE_EDGE, t);
      return false;
    }
  }

  /** So that an application that copies headers onward copies none of this. */
  static void strip(GrayPolicy policy, Metadata headers) {
    headers.discardAll(policy.header);
    policy.aliases.forEach(headers::discardAll);
    GrayBaggage.remove(headers);
  }

  private static GrayTag sent(
      GrayPolicy policy, StreamRecorder stream, Metadata headers, String baggage) {
    GrayTag found = read(policy, stream, headers, policy.header, GrayTag.Source.HEADER);
    boolean byHeader = found != null;
    for (int i = 0; found == null && i < policy.aliases.size(); i++) {
      found = read(policy, stream, headers, policy.aliases.get(i), GrayTag.Source.ALIAS);
    }
    GrayTag carried =
        baggage == null ? null : check(policy, stream, baggage, GrayTag.Source.BAGGAGE);
    if (found == null) {
      if (carried != null && !headers.containsKey(policy.header)) {
        stream.tagged(LaneEvent.LOST, "wire_header_missing");
      }
      return carried;
    }
    if (byHeader && baggage == null) {
      stream.tagged(LaneEvent.LOST, "wire_baggage_missing");
    } else if (carried != null && !carried.equals(found)) {
      stream.tagged(LaneEvent.REJECTED, CONFLICT);
    }
    return found;
  }

  /**
   * What the application itself has put into the headers of a call it makes. What is no tag is
   * taken out: on the wire it would arrive as something else, or cost the call.
   */
  static GrayTag given(GrayPolicy policy, StreamRecorder stream, Metadata headers) {
    GrayTag tag = read(policy, stream, headers, policy.header, GrayTag.Source.EXPLICIT);
    if (tag == null) {
      headers.discardAll(policy.header);
    }
    return tag;
  }

  /** A header that says two things says nothing: routers and applications would read either. */
  private static GrayTag read(
      GrayPolicy policy,
      StreamRecorder stream,
      Metadata headers,
      Metadata.Key<String> key,
      GrayTag.Source source) {
    Iterable<String> all = headers.getAll(key);
    if (all == null) {
      return null;
    }
    Iterator<String> values = all.iterator();
    String first = values.next();
    while (values.hasNext()) {
      if (!values.next().equals(first)) {
        refuse(policy, stream, CONFLICT);
        return null;
      }
    }
    return check(policy, stream, first, source);
  }

  private static GrayTag check(
      GrayPolicy policy, StreamRecorder stream, String raw, GrayTag.Source source) {
    String problem = GrayTag.problem(raw);
    if (problem == null && !policy.isAllowed(raw)) {
      problem = NOT_ALLOWED;
    }
    if (problem != null) {
      refuse(policy, stream, problem);
      return null;
    }
    return GrayTag.trusted(raw, source);
  }

  private static void refuse(GrayPolicy policy, StreamRecorder stream, String reason) {
    stream.tagged(LaneEvent.REJECTED, reason);
    if (policy.reject) {
      stream.reject("gray tag refused: " + reason);
    }
  }

  private GrayTag byRule(GrayPolicy policy, StreamRecorder stream, Metadata headers) {
    try {
      String raw = policy.rule.tag(stream.method().fullName(), headers);
      return raw == null ? null : check(policy, stream, raw, GrayTag.Source.RULE);
    } catch (Throwable t) {
      guard.swallow(SITE_RULE, t);
      return null;
    }
  }

  /** The group of a call that has no tag, or null. */
  static GrayTag derived(GrayPolicy policy, StreamRecorder stream, Metadata headers) {
    for (String name : policy.deriveKeys) {
      String key =
          name.equals(GrayPolicy.TRACE_ID)
              ? traceId(policy, stream, headers)
              : headers.get(policy.key(name));
      if (isKey(key)) {
        return group(policy, key);
      }
    }
    return null;
  }

  /** At the edge only a trace that began here: who chooses the id would choose the group. */
  private static String traceId(GrayPolicy policy, StreamRecorder stream, Metadata headers) {
    String id = stream.traceId();
    if (id != null && policy.ingress != GrayIngress.TRUSTED) {
      for (Metadata.Key<String> key : TRACE_HEADERS) {
        String sent = headers.get(key);
        if (sent != null && sent.contains(id)) {
          return null;
        }
      }
    }
    return id;
  }

  private static boolean isKey(String key) {
    return key != null && !key.isEmpty() && key.length() <= MAX_KEY;
  }

  private static GrayTag group(GrayPolicy policy, String key) {
    String group = policy.groups.of(policy.salt, key);
    return group == null ? null : GrayTag.trusted(group, GrayTag.Source.DERIVED);
  }

  // ---- a message -----------------------------------------------------------------------------

  /** The tag of a message by what it carries; null where it has none of its own. */
  public GrayTag message(StreamRecorder stream, Map<String, String> carried) {
    GrayPolicy now = policy;
    String raw = carried.get(now.header.name());
    if (raw == null) {
      raw = GrayBaggage.read(carried.get("baggage"));
    }
    if (raw != null) {
      if (!believes(stream)) {
        stream.tagged(LaneEvent.REJECTED, UNTRUSTED);
        return null;
      }
      String problem = GrayTag.problem(raw);
      if (problem != null || !now.isAllowed(raw)) {
        // A message never ends its stream.
        stream.tagged(LaneEvent.REJECTED, problem == null ? NOT_ALLOWED : problem);
        return null;
      }
      return GrayTag.trusted(raw, GrayTag.Source.MESSAGE);
    }
    GrayTag call = (GrayTag) stream.tag();
    boolean open = call == null || call.source() == GrayTag.Source.DERIVED;
    if (stream.side() == CallSide.SERVER && open && now.derives()) {
      for (String name : now.deriveKeys) {
        String key = name.equals(GrayPolicy.TRACE_ID) ? null : carried.get(name);
        if (isKey(key)) {
          return group(now, key);
        }
      }
    }
    return null;
  }

  /**
   * Whether the tags of messages that come in on this stream are taken: a server's by its ingress,
   * a client's unless the peer is one that gets no tags either.
   */
  public boolean believes(StreamRecorder stream) {
    return stream.side() == CallSide.SERVER
        ? policy.ingress == GrayIngress.TRUSTED
        : !stream.keepsTag();
  }

  /** A {@code baggage} value without the tag; null if nothing is left. */
  public static String withoutTag(String baggage) {
    return GrayBaggage.without(baggage);
  }

  /** The keys under which a message may carry a tag. */
  public String header() {
    return policy.header.name();
  }

  /** Writes a message's tag where {@link #message} finds it. */
  public void carry(GrayTag tag, Map<String, String> values) {
    values.put(policy.header.name(), tag.value());
  }
}
