package io.streamgauge.internal.tracing.sdk;

import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.lang.reflect.Field;

/**
 * What the SDK's own samplers decide, without the text of ids: always on, always off, a share of
 * trace ids, and those by the parent's decision. Any other sampler is asked.
 */
final class SamplerRules {

  /** What a rule says of a call. */
  enum Answer {
    SAMPLE,
    DROP,

    /** The sampler itself has to be asked. */
    ASK
  }

  private final Rule root;
  private final Rule remoteSampled;
  private final Rule remoteNotSampled;
  private final Rule localSampled;
  private final Rule localNotSampled;

  private SamplerRules(Rule root, Rule remote, Rule remoteNot, Rule local, Rule localNot) {
    this.root = root;
    remoteSampled = remote;
    remoteNotSampled = remoteNot;
    localSampled = local;
    localNotSampled = localNot;
  }

  /**
   * Reads a sampler.
   *
   * @throws ReflectiveOperationException if one of the SDK's is not as this build knows it
   */
  static SamplerRules of(Sampler sampler) throws ReflectiveOperationException {
    if (!isNamed(sampler, "ParentBasedSampler")) {
      Rule rule = rule(sampler);
      return new SamplerRules(rule, rule, rule, rule, rule);
    }
    return new SamplerRules(
        part(sampler, "root"),
        part(sampler, "remoteParentSampled"),
        part(sampler, "remoteParentNotSampled"),
        part(sampler, "localParentSampled"),
        part(sampler, "localParentNotSampled"));
  }

  private static Rule part(Sampler sampler, String name) throws ReflectiveOperationException {
    return rule((Sampler) field(sampler, name).get(sampler));
  }

  private static Rule rule(Sampler sampler) throws ReflectiveOperationException {
    if (sampler == Sampler.alwaysOn()) {
      return new Rule(Answer.SAMPLE, 0);
    }
    if (sampler == Sampler.alwaysOff()) {
      return new Rule(Answer.DROP, 0);
    }
    if (isNamed(sampler, "TraceIdRatioBasedSampler")) {
      return new Rule(null, field(sampler, "idUpperBound").getLong(sampler));
    }
    return new Rule(Answer.ASK, 0);
  }

  private static boolean isNamed(Sampler sampler, String name) {
    return sampler.getClass().getName().equals("io.opentelemetry.sdk.trace.samplers." + name);
  }

  private static Field field(Sampler sampler, String name) throws ReflectiveOperationException {
    Field field = sampler.getClass().getDeclaredField(name);
    field.setAccessible(true);
    return field;
  }

  /** Whether the sampler itself has to be asked about a call without a parent. */
  boolean asksAtRoot() {
    return root.always == Answer.ASK;
  }

  /** The answer for a child of that parent, which may be invalid: a root. */
  Answer of(SpanContext parent, long traceLow) {
    Rule rule;
    if (!parent.isValid()) {
      rule = root;
    } else if (parent.isRemote()) {
      rule = parent.isSampled() ? remoteSampled : remoteNotSampled;
    } else {
      rule = parent.isSampled() ? localSampled : localNotSampled;
    }
    return rule.of(traceLow);
  }

  private static final class Rule {
    /** Null for a share of trace ids. */
    private final Answer always;

    private final long bound;

    Rule(Answer always, long bound) {
      this.always = always;
      this.bound = bound;
    }

    Answer of(long traceLow) {
      if (always != null) {
        return always;
      }
      return Math.abs(traceLow) < bound ? Answer.SAMPLE : Answer.DROP;
    }
  }
}
