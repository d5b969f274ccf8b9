package io.streamgauge.gray;

import io.grpc.Metadata;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The rules for gray tags, immutable: a gauge swaps the whole of it at once, so no call sees half a
 * change. Made with {@link #builder()}, changed with {@link #toBuilder()}.
 */
public final class GrayPolicy {

  /** In place of a metadata key in {@link Builder#deriveKeys}: the trace id of the call. */
  public static final String TRACE_ID = "trace-id";

  static final String HEADER = "x-env-tag";

  final Metadata.Key<String> header;
  final List<Metadata.Key<String>> aliases;
  final GrayIngress ingress;
  final GrayEdge edge;
  final Set<String> allow;
  final boolean reject;
  final GrayGlobs egress;
  final GrayDerive derive;
  final List<String> deriveKeys;
  private final Map<String, Metadata.Key<String>> keys = new HashMap<>();
  final String salt;
  final GrayGroups groups;
  final GrayTag instanceTag;
  final GrayRule rule;
  final int maxTags;

  private final Builder source;

  private GrayPolicy(Builder builder) {
    source = builder;
    header = keyOf(builder.header);
    List<Metadata.Key<String>> others = new ArrayList<>();
    builder.aliases.forEach(name -> others.add(keyOf(name)));
    aliases = Collections.unmodifiableList(others);
    ingress = builder.ingress;
    edge = builder.edge;
    allow = Collections.unmodifiableSet(new LinkedHashSet<>(builder.allow));
    reject = builder.reject;
    egress = builder.egress;
    derive = builder.derive;
    deriveKeys = Collections.unmodifiableList(new ArrayList<>(builder.deriveKeys));
    for (String name : deriveKeys) {
      if (!name.equals(TRACE_ID)) {
        keys.put(name, keyOf(name));
      }
    }
    salt = builder.salt;
    groups = builder.groups;
    instanceTag =
        builder.instanceTag == null
            ? null
            : GrayTag.trusted(builder.instanceTag.value(), GrayTag.Source.INSTANCE);
    rule = builder.rule;
    maxTags = builder.maxTags;
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

  /** Of one of {@link #deriveKeys}. */
  Metadata.Key<String> key(String name) {
    return keys.get(name);
  }

  private static Metadata.Key<String> keyOf(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  public static Builder builder() {
    return new Builder();
  }

  /** A builder that holds these rules. */
  public Builder toBuilder() {
    return source.copy();
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

  /** Collects rules; not safe for several threads. Errors are reported by {@link #build()}. */
  public static final class Builder {

    private String header = HEADER;
    private List<String> aliases = Collections.emptyList();
    private GrayIngress ingress = GrayIngress.TRUSTED;
    private GrayEdge edge = GrayEdge.nobody();
    private Set<String> allow = Collections.emptySet();
    private boolean reject;
    private GrayGlobs egress = GrayGlobs.ALL;
    private GrayDerive derive = GrayDerive.EDGE;
    private List<String> deriveKeys = Collections.singletonList(TRACE_ID);
    private String salt = "";
    private GrayGroups groups = GrayGroups.NONE;
    private GrayTag instanceTag;
    private GrayRule rule = (method, headers) -> null;
    private int maxTags = 10;

    private Builder() {}

    private Builder copy() {
      Builder copy = new Builder();
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

    private Builder set(Consumer<Builder> change) {
      change.accept(this);
      return this;
    }

    /** Name of the header; {@code x-env-tag}. */
    public Builder header(String name) {
      return set(b -> b.header = lower(name));
    }

    /** Other headers that are read, in this order, where the header is missing; none. */
    public Builder aliases(String... names) {
      List<String> all = new ArrayList<>();
      for (String name : names) {
        all.add(lower(name));
      }
      return set(b -> b.aliases = all);
    }

    private static String lower(String name) {
      String lower = name.toLowerCase(Locale.ROOT);
      keyOf(lower);
      return lower;
    }

    /** How far callers are believed; {@link GrayIngress#TRUSTED}. The first hop must be edge. */
    public Builder ingress(GrayIngress value) {
      return set(b -> b.ingress = Objects.requireNonNull(value, "ingress"));
    }

    /** Who is believed where ingress is edge; nobody. */
    public Builder edge(GrayEdge value) {
      return set(b -> b.edge = Objects.requireNonNull(value, "edge"));
    }

    /** The tags that exist; none named means any. */
    public Builder allow(String... tags) {
      return allow(Arrays.asList(tags));
    }

    /**
     * The tags that exist; none named means any.
     *
     * @throws IllegalArgumentException for what is no tag
     */
    public Builder allow(Collection<String> tags) {
      tags.forEach(GrayTag::of);
      return set(b -> b.allow = new LinkedHashSet<>(tags));
    }

    /** Whether a tag that is invalid or not known fails its call with INVALID_ARGUMENT; false. */
    public Builder rejectInvalid(boolean value) {
      return set(b -> b.reject = value);
    }

    /** Authorities the tag is sent to, with {@code *} for any part of a name; all. */
    public Builder propagateTo(String... globs) {
      return set(b -> b.egress = GrayGlobs.of(Arrays.asList(globs)));
    }

    /** Where groups are derived; {@link GrayDerive#EDGE}. */
    public Builder derive(GrayDerive value) {
      return set(b -> b.derive = Objects.requireNonNull(value, "derive"));
    }

    /** What a group is derived from: the first of these that the message or call has. */
    public Builder deriveKeys(String... keys) {
      List<String> all = new ArrayList<>();
      for (String name : keys) {
        all.add(lower(name));
      }
      return set(b -> b.deriveKeys = all);
    }

    /** Mixed into every key, so that each release picks others; the release's name. */
    public Builder deriveSalt(String value) {
      return set(b -> b.salt = Objects.requireNonNull(value, "salt"));
    }

    /**
     * Tags and their shares in basis points: {@code group-a:0-499,group-b:5000-5499}; none.
     *
     * @throws IllegalArgumentException if that is not what it says
     */
    public Builder deriveGroups(String text) {
      GrayGroups parsed = GrayGroups.parse(text);
      return set(b -> b.groups = parsed);
    }

    /** Colours every untagged call that passes this process; null for none. */
    public Builder instanceTag(String tag) {
      GrayTag made = tag == null ? null : GrayTag.of(tag);
      return set(b -> b.instanceTag = made);
    }

    /** Asked for calls that come without a tag, before the instance and the groups are. */
    public Builder rule(GrayRule value) {
      return set(b -> b.rule = Objects.requireNonNull(value, "rule"));
    }

    /**
     * Tags of the allow-list that metrics tell apart, 1 to 10; 10.
     *
     * @throws IllegalArgumentException if it is outside
     */
    public Builder maxTags(int value) {
      if (value < 1 || value > 10) {
        throw new IllegalArgumentException("must be 1 to 10, not " + value);
      }
      return set(b -> b.maxTags = value);
    }

    /**
     * The rules.
     *
     * @throws IllegalArgumentException if a group or the instance's tag is not in the allow-list
     */
    public GrayPolicy build() {
      return new GrayPolicy(copy());
    }
  }
}
