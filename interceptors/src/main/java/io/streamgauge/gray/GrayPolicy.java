package io.streamgauge.gray;

import io.streamgauge.internal.tagging.Globs;
import io.streamgauge.internal.tagging.TagAccess;
import io.streamgauge.internal.tagging.TagGroups;
import io.streamgauge.internal.tagging.TagRules;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
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

  static {
    TagAccess.ofPolicy(policy -> policy.rules);
  }

  private final TagRules.Draft source;
  private final TagRules rules;

  private GrayPolicy(TagRules.Draft source) {
    this.source = source;
    this.rules = new TagRules(source);
  }

  /** A builder that holds the defaults. */
  public static Builder builder() {
    return new Builder(new TagRules.Draft());
  }

  /** A builder that holds these rules. */
  public Builder toBuilder() {
    return new Builder(source.copy());
  }

  /** The tags metrics tell apart; the others are one lane. */
  public Set<String> lanes() {
    return rules.lanes();
  }

  /** What operators care about, for the log. */
  @Override
  public String toString() {
    return rules.toString();
  }

  /** Collects rules; not safe for several threads. Errors are reported by {@link #build()}. */
  public static final class Builder {

    private final TagRules.Draft draft;

    private Builder(TagRules.Draft draft) {
      this.draft = draft;
    }

    private Builder set(Consumer<TagRules.Draft> change) {
      change.accept(draft);
      return this;
    }

    /** Name of the header; {@code x-env-tag}. */
    public Builder header(String name) {
      return set(d -> d.header = lower(name));
    }

    /** Other headers that are read, in this order, where the header is missing; none. */
    public Builder aliases(String... names) {
      List<String> all = new ArrayList<>();
      for (String name : names) {
        all.add(lower(name));
      }
      return set(d -> d.aliases = all);
    }

    private static String lower(String name) {
      String lower = name.toLowerCase(Locale.ROOT);
      TagRules.keyOf(lower);
      return lower;
    }

    /** How far callers are believed; {@link GrayIngress#TRUSTED}. The first hop must be edge. */
    public Builder ingress(GrayIngress value) {
      return set(d -> d.ingress = Objects.requireNonNull(value, "ingress"));
    }

    /** Which callers are believed where ingress is edge; none by default. */
    public Builder edge(GrayEdge value) {
      return set(d -> d.edge = Objects.requireNonNull(value, "edge"));
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
      return set(d -> d.allow = new LinkedHashSet<>(tags));
    }

    /** Whether a tag that is invalid or not known fails its call with INVALID_ARGUMENT; false. */
    public Builder rejectInvalid(boolean value) {
      return set(d -> d.reject = value);
    }

    /** Authorities the tag is sent to, with {@code *} for any part of a name; all. */
    public Builder propagateTo(String... globs) {
      return set(d -> d.egress = Globs.of(Arrays.asList(globs)));
    }

    /** Where groups are derived; {@link GrayDerive#EDGE}. */
    public Builder derive(GrayDerive value) {
      return set(d -> d.derive = Objects.requireNonNull(value, "derive"));
    }

    /** What a group is derived from: the first of these that the message or call has. */
    public Builder deriveKeys(String... keys) {
      List<String> all = new ArrayList<>();
      for (String name : keys) {
        all.add(lower(name));
      }
      return set(d -> d.deriveKeys = all);
    }

    /** Mixed into every key, so that each release picks others; the release's name. */
    public Builder deriveSalt(String value) {
      return set(d -> d.salt = Objects.requireNonNull(value, "salt"));
    }

    /**
     * Tags and their shares in basis points: {@code group-a:0-499,group-b:5000-5499}; none.
     *
     * @throws IllegalArgumentException if that is not what it says
     */
    public Builder deriveGroups(String text) {
      TagGroups parsed = TagGroups.parse(text);
      return set(d -> d.groups = parsed);
    }

    /** Colours every untagged call that passes this process; null for none. */
    public Builder instanceTag(String tag) {
      GrayTag made = tag == null ? null : GrayTag.of(tag);
      return set(d -> d.instanceTag = made);
    }

    /** Asked for calls that come without a tag, before the instance and the groups are. */
    public Builder rule(GrayRule value) {
      return set(d -> d.rule = Objects.requireNonNull(value, "rule"));
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
      return set(d -> d.maxTags = value);
    }

    /**
     * The rules.
     *
     * @throws IllegalArgumentException if a group or the instance's tag is not in the allow-list
     */
    public GrayPolicy build() {
      return new GrayPolicy(draft.copy());
    }
  }
}
