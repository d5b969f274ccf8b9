package io.streamgauge.internal.tagging;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.streamgauge.CallSide;
import io.streamgauge.gray.GrayIngress;
import io.streamgauge.gray.GrayPolicy;
import io.streamgauge.gray.GrayTag;
import io.streamgauge.internal.grpc.HeaderBytes;
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
 * baggage, rule, instance, group; the first that has one. What is refused is counted with its
 * reason.
 */
public final class TagResolver {

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

  /** Guarded by this object. */
  private GrayPolicy policy;

  /** Those of the policy; swapped whole, so that no call sees half a change. */
  private volatile TagRules rules;

  public TagResolver(Guard guard, GrayPolicy policy) {
    this.guard = guard;
    policy(policy);
  }

  @CallPath
  TagRules rules() {
    return rules;
  }

  public synchronized GrayPolicy policy() {
    return policy;
  }

  /** From the next call or message on. */
  public synchronized void policy(GrayPolicy next) {
    rules = TagAccess.rules(Objects.requireNonNull(next, "policy"));
    policy = next;
  }

  // ---- a call --------------------------------------------------------------------------------

  /** The tag of a call that has come in, or null; what is not believed is taken out of it. */
  @CallPath
  GrayTag inbound(
      TagRules rules,
      StreamRecorder stream,
      Metadata headers,
      ServerCall<?, ?> call,
      KnownTag only) {
    GrayTag plain = plain(rules, headers, only);
    if (plain != null) {
      return resolved(rules, stream, headers, plain);
    }
    String baggage = TagBaggage.read(headers);
    String raw = brought(rules, headers);
    GrayTag tag = null;
    if (raw != null || baggage != null) {
      String asked = raw == null ? baggage : raw;
      boolean trusted = isTrusted(rules, asked, headers, call);
      if (trusted) {
        tag = sent(rules, stream, headers, baggage);
        // A caller that may send one tag may not send another: ask again for the one that is taken.
        trusted =
            tag == null
                || tag.value().equals(asked)
                || isTrusted(rules, tag.value(), headers, call);
      }
      if (!trusted) {
        tag = null;
        stream.laneEvent(LaneEvent.REJECTED, UNTRUSTED);
        strip(rules, headers);
      }
    } else if (rules.ingress != GrayIngress.TRUSTED) {
      // An entry no parser would reach is still there for an application that copies headers.
      TagBaggage.remove(headers);
    }
    return resolved(rules, stream, headers, tag);
  }

  /**
   * The tag of a call from another of ours, that is to be believed: once in the header, and the
   * same alone in the baggage. Null for any other call.
   */
  private static GrayTag plain(TagRules rules, Metadata headers, KnownTag inBaggage) {
    if (rules.ingress != GrayIngress.TRUSTED || inBaggage == null) {
      return null;
    }
    byte[] header = HeaderBytes.only(headers, rules.headerBytes);
    return header != null && inBaggage.is(header) && rules.isAllowed(inBaggage.tag.value())
        ? inBaggage.tag
        : null;
  }

  /** What becomes of the tag a call has brought, or of none. */
  private GrayTag resolved(
      TagRules rules, StreamRecorder stream, Metadata headers, GrayTag brought) {
    GrayTag tag = brought;
    if (rules.instanceTag != null && !rules.instanceTag.equals(tag)) {
      stream.laneEvent(LaneEvent.LOST, "lane_mismatch");
    }
    if (tag == null) {
      tag = byRule(rules, stream, headers);
    }
    return tag == null ? rules.instanceTag : tag;
  }

  /** Null where nothing was sent. */
  private static String brought(TagRules rules, Metadata headers) {
    String raw = headers.get(rules.header);
    for (int i = 0; raw == null && i < rules.aliases.size(); i++) {
      raw = headers.get(rules.aliases.get(i));
    }
    return raw;
  }

  private boolean isTrusted(TagRules rules, String raw, Metadata headers, ServerCall<?, ?> call) {
    if (rules.ingress != GrayIngress.EDGE) {
      return rules.ingress == GrayIngress.TRUSTED;
    }
    try {
      return rules.edge.trusts(raw, headers, call.getAttributes(), call.getMethodDescriptor());
    } catch (Throwable t) {
      guard.swallow(SITE_EDGE, t);
      return false;
    }
  }

  /** So that an application that copies headers onward copies none of this. */
  static void strip(TagRules rules, Metadata headers) {
    headers.discardAll(rules.header);
    rules.aliases.forEach(headers::discardAll);
    TagBaggage.remove(headers);
  }

  private static GrayTag sent(
      TagRules rules, StreamRecorder stream, Metadata headers, String baggage) {
    GrayTag found = read(rules, stream, headers, rules.header, GrayTag.Source.HEADER);
    boolean byHeader = found != null;
    for (int i = 0; found == null && i < rules.aliases.size(); i++) {
      found = read(rules, stream, headers, rules.aliases.get(i), GrayTag.Source.ALIAS);
    }
    GrayTag carried =
        baggage == null ? null : check(rules, stream, baggage, GrayTag.Source.BAGGAGE);
    if (found == null) {
      if (carried != null && !headers.containsKey(rules.header)) {
        stream.laneEvent(LaneEvent.LOST, "wire_header_missing");
      }
      return carried;
    }
    if (byHeader && baggage == null) {
      stream.laneEvent(LaneEvent.LOST, "wire_baggage_missing");
    } else if (carried != null && !carried.equals(found)) {
      stream.laneEvent(LaneEvent.REJECTED, CONFLICT);
    }
    return found;
  }

  /**
   * What the application itself has put into the headers of a call it makes. What is no tag is
   * taken out: on the wire it would arrive as something else, or cost the call.
   */
  static GrayTag given(TagRules rules, StreamRecorder stream, Metadata headers) {
    GrayTag tag = read(rules, stream, headers, rules.header, GrayTag.Source.EXPLICIT);
    if (tag == null) {
      headers.discardAll(rules.header);
    }
    return tag;
  }

  /** A header that says two things says nothing: routers and applications would read either. */
  private static GrayTag read(
      TagRules rules,
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
        refuse(rules, stream, CONFLICT);
        return null;
      }
    }
    return check(rules, stream, first, source);
  }

  private static GrayTag check(
      TagRules rules, StreamRecorder stream, String raw, GrayTag.Source source) {
    String problem = TagSyntax.problem(raw);
    if (problem == null && !rules.isAllowed(raw)) {
      problem = NOT_ALLOWED;
    }
    if (problem != null) {
      refuse(rules, stream, problem);
      return null;
    }
    return TagAccess.tag(raw, source);
  }

  private static void refuse(TagRules rules, StreamRecorder stream, String reason) {
    stream.laneEvent(LaneEvent.REJECTED, reason);
    if (rules.reject) {
      CallTag state = CallTag.made(stream);
      if (state.refusal == null) {
        state.refusal = "gray tag refused: " + reason;
      }
    }
  }

  private GrayTag byRule(TagRules rules, StreamRecorder stream, Metadata headers) {
    try {
      String raw = rules.rule.tag(stream.method().fullName(), headers);
      return raw == null ? null : check(rules, stream, raw, GrayTag.Source.RULE);
    } catch (Throwable t) {
      guard.swallow(SITE_RULE, t);
      return null;
    }
  }

  /** The group of a call that has no tag, or null. */
  static GrayTag derived(TagRules rules, StreamRecorder stream, Metadata headers) {
    for (String name : rules.deriveKeys) {
      String key =
          name.equals(GrayPolicy.TRACE_ID)
              ? traceId(rules, stream, headers)
              : headers.get(rules.key(name));
      if (isKey(key)) {
        return group(rules, key);
      }
    }
    return null;
  }

  /** At the edge only a trace that began here: who chooses the id would choose the group. */
  private static String traceId(TagRules rules, StreamRecorder stream, Metadata headers) {
    String id = stream.traceId();
    if (id != null && rules.ingress != GrayIngress.TRUSTED) {
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

  private static GrayTag group(TagRules rules, String key) {
    String group = rules.groups.of(rules.salt, key);
    return group == null ? null : TagAccess.tag(group, GrayTag.Source.DERIVED);
  }

  // ---- a message -----------------------------------------------------------------------------

  /** The tag of a message by what it carries; null where it has none of its own. */
  public GrayTag message(StreamRecorder stream, Map<String, String> carried) {
    TagRules now = rules;
    String raw = carried.get(now.header.name());
    if (raw == null) {
      raw = TagBaggage.read(carried.get("baggage"));
    }
    if (raw != null) {
      if (!believes(stream)) {
        stream.laneEvent(LaneEvent.REJECTED, UNTRUSTED);
        return null;
      }
      String problem = TagSyntax.problem(raw);
      if (problem != null || !now.isAllowed(raw)) {
        // A message never ends its stream.
        stream.laneEvent(LaneEvent.REJECTED, problem == null ? NOT_ALLOWED : problem);
        return null;
      }
      return TagAccess.tag(raw, GrayTag.Source.MESSAGE);
    }
    GrayTag call = CallTag.of(stream).tag;
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
        ? rules.ingress == GrayIngress.TRUSTED
        : !CallTag.of(stream).keepsTag;
  }

  /** A {@code baggage} value without the tag; null if nothing is left. */
  public static String withoutTag(String baggage) {
    return TagBaggage.without(baggage);
  }

  /** The keys under which a message may carry a tag. */
  public String header() {
    return rules.header.name();
  }

  /** Writes a message's tag where {@link #message} finds it. */
  public void carry(GrayTag tag, Map<String, String> values) {
    values.put(rules.header.name(), tag.value());
  }
}
