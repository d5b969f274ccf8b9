package io.streamgauge.internal.tagging;

import io.grpc.Metadata;
import io.streamgauge.gray.GrayDerive;
import io.streamgauge.gray.GrayEdge;
import io.streamgauge.gray.GrayIngress;
import io.streamgauge.gray.GrayPolicy;
import io.streamgauge.gray.GrayRule;
import io.streamgauge.gray.GrayTag;
import io.streamgauge.internal.grpc.HeaderBytes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A {@link GrayPolicy} as calls need it: parsed once, immutable. */
public final class TagRules {

  /** Name of the header unless the policy says another. */
  public static final String HEADER = "x-env-tag";

  final Metadata.Key<String> header;
  final Metadata.Key<byte[]> headerBytes;
  final List<Metadata.Key<String>> aliases;
  final GrayIngress ingress;
  final GrayEdge edge;
  final Set<String> allow;
  final boolean reject;
  final Globs egress;
  final GrayDerive derive;
  final List<String> deriveKeys;
  private final Map<String, Metadata.Key<String>> keys = new HashMap<>();
  final String salt;
  final TagGroups groups;
  final GrayTag instanceTag;
  final GrayRule rule;
  final int maxTags;

  /**
   * @throws IllegalArgumentException if a group or the instance's tag is not in the allow-list
   */
  public TagRules(Draft draft) {
    header = keyOf(draft.header);
    headerBytes = HeaderBytes.key(draft.header);
    List<Metadata.Key<String>> others = new ArrayList<>();
    draft.aliases.forEach(name -> others.add(keyOf(name)));
    aliases = Collections.unmodifiableList(others);
    ingress = draft.ingress;
    edge = draft.edge;
    allow = Collections.unmodifiableSet(new LinkedHashSet<>(draft.allow));
    reject = draft.reject;
    egress = draft.egress;
    derive = draft.derive;
    deriveKeys = Collections.unmodifiableList(new ArrayList<>(draft.deriveKeys));
    for (String name : deriveKeys) {
      if (!name.equals(GrayPolicy.TRACE_ID)) {
        keys.put(name, keyOf(name));
      }
    }
    salt = draft.salt;
    groups = draft.groups;
    instanceTag =
        draft.instanceTag == null
            ? null
            : TagAccess.tag(draft.instanceTag.value(), GrayTag.Source.INSTANCE);
    rule = draft.rule;
    maxTags = draft.maxTags;
    mustBeAllowed("derive.groups", groups.names());
    if (instanceTag != null) {
      mustBeAllowed("instance-tag", Collections.singleton(instanceTag.value()));
    }
  }

  private void mustBeAllowed(String key, Collection<String> tags) {
    for (String tag : tags) {
      if (!isAllowed(tag)) {
        throw new IllegalArgumentException(
            "streamgauge.gray." + key + ": '" + tag + "' is not in streamgauge.gray.allow");
      }
    }
  }

  /** Of one of {@link Draft#deriveKeys}. */
  Metadata.Key<String> key(String name) {
    return keys.get(name);
  }

  /**
   * @throws IllegalArgumentException if it is no name of a header
   */
  public static Metadata.Key<String> keyOf(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  /** Whether a tag is known; without an allow-list every tag is. */
  boolean isAllowed(String tag) {
    return allow.isEmpty() || allow.contains(tag) || tag.equals(GrayTag.BASELINE);
  }

  boolean derives() {
    return !groups.isEmpty()
        && (derive == GrayDerive.ALWAYS
            || (derive == GrayDerive.EDGE && ingress == GrayIngress.EDGE));
  }

  /** The tags metrics tell apart; the others are one lane. */
  public Set<String> lanes() {
    Set<String> lanes = new LinkedHashSet<>();
    for (String tag : allow) {
      if (lanes.size() < maxTags && !tag.equals(GrayTag.BASELINE)) {
        lanes.add(tag);
      }
    }
    return lanes;
  }

  /** What operators care about, for the log. */
  @Override
  public String toString() {
    return "ingress="
        + ingress
        + " allow="
        + allow
        + " derive="
        + derive
        + " salt="
        + salt
        + " groups="
        + groups;
  }

  /** What a builder of policies collects, with the defaults. */
  public static final class Draft {

    public String header = HEADER;
    public List<String> aliases = Collections.emptyList();
    public GrayIngress ingress = GrayIngress.TRUSTED;
    public GrayEdge edge = GrayEdge.none();
    public Set<String> allow = Collections.emptySet();
    public boolean reject;
    public Globs egress = Globs.ALL;
    public GrayDerive derive = GrayDerive.EDGE;
    public List<String> deriveKeys = Collections.singletonList(GrayPolicy.TRACE_ID);
    public String salt = "";
    public TagGroups groups = TagGroups.NONE;
    public GrayTag instanceTag;
    public GrayRule rule = (method, headers) -> null;
    public int maxTags = 10;

    /** Another one with the same values. */
    public Draft copy() {
      Draft copy = new Draft();
      copy.header = header;
      copy.aliases = aliases;
      copy.ingress = ingress;
      copy.edge = edge;
      copy.allow = allow;
      copy.reject = reject;
      copy.egress = egress;
      copy.derive = derive;
      copy.deriveKeys = deriveKeys;
      copy.salt = salt;
      copy.groups = groups;
      copy.instanceTag = instanceTag;
      copy.rule = rule;
      copy.maxTags = maxTags;
      return copy;
    }
  }
}
