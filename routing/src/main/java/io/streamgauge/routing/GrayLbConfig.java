package io.streamgauge.routing;

import io.grpc.LoadBalancerProvider;
import io.grpc.LoadBalancerRegistry;
import io.grpc.NameResolver.ConfigOrError;
import io.grpc.Status;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** The policy's part of a service config. Immutable. */
final class GrayLbConfig {

  /** What becomes of a tagged call whose lane cannot take it. */
  enum Fallback {
    /** To the baseline. */
    BASELINE,
    /** The call fails with {@code UNAVAILABLE}. */
    NONE,
    /** To the baseline, and if that cannot take it either, to any lane that can. */
    ANY
  }

  private static final Set<String> KEYS =
      new HashSet<>(
          Arrays.asList("childPolicy", "fallback", "connectWait", "baselineEmpty", "header"));
  private static final long DEFAULT_WAIT_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final String DEFAULT_HEADER = "x-env-tag";

  static final GrayLbConfig DEFAULT =
      new GrayLbConfig(
          provider("round_robin"),
          null,
          Fallback.BASELINE,
          DEFAULT_WAIT_NANOS,
          false,
          DEFAULT_HEADER);

  final LoadBalancerProvider child;

  /** As its provider has parsed it; null for none. */
  final Object childConfig;

  final Fallback fallback;
  final long connectWaitNanos;

  /** Whether untagged calls may use any lane while no endpoint is untagged. */
  final boolean anyIfNoBaseline;

  final String header;

  private GrayLbConfig(
      LoadBalancerProvider child,
      Object childConfig,
      Fallback fallback,
      long connectWaitNanos,
      boolean anyIfNoBaseline,
      String header) {
    this.child = child;
    this.childConfig = childConfig;
    this.fallback = fallback;
    this.connectWaitNanos = connectWaitNanos;
    this.anyIfNoBaseline = anyIfNoBaseline;
    this.header = header;
  }

  private static LoadBalancerProvider provider(String policy) {
    return LoadBalancerRegistry.getDefaultRegistry().getProvider(policy);
  }

  /** What is wrong is named with its key; gRPC reports it when the channel first needs it. */
  static ConfigOrError parse(Map<String, ?> raw) {
    try {
      return ConfigOrError.fromConfig(of(raw));
    } catch (IllegalArgumentException e) {
      return ConfigOrError.fromError(
          Status.UNAVAILABLE.withDescription(
              GrayLoadBalancerProvider.POLICY + ": " + e.getMessage()));
    }
  }

  private static GrayLbConfig of(Map<String, ?> raw) {
    Set<String> unknown = new HashSet<>(raw.keySet());
    unknown.removeAll(KEYS);
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException("unknown key " + unknown.iterator().next());
    }
    LoadBalancerProvider child = DEFAULT.child;
    Object childConfig = null;
    Map.Entry<String, Map<String, ?>> policy = child(raw.get("childPolicy"));
    if (policy != null) {
      child = provider(policy.getKey());
      ConfigOrError parsed = child.parseLoadBalancingPolicyConfig(policy.getValue());
      if (parsed != null && parsed.getError() != null) {
        throw new IllegalArgumentException("childPolicy: " + parsed.getError().getDescription());
      }
      childConfig = parsed == null ? null : parsed.getConfig();
    }
    String header = text(raw, "header", DEFAULT_HEADER);
    if (!header.matches("[0-9a-z_.-]+") || header.endsWith("-bin")) {
      throw new IllegalArgumentException("header: not a metadata key of text: " + header);
    }
    return new GrayLbConfig(
        child,
        childConfig,
        fallback(text(raw, "fallback", "baseline")),
        nanos(text(raw, "connectWait", "1s")),
        isAny(text(raw, "baselineEmpty", "fail")),
        header);
  }

  /** The first policy of the list that is known, as in gRFC A24; null if there is no list. */
  @SuppressWarnings("unchecked")
  private static Map.Entry<String, Map<String, ?>> child(Object list) {
    if (list == null) {
      return null;
    }
    if (list instanceof List) {
      for (Object each : (List<?>) list) {
        if (!(each instanceof Map) || ((Map<?, ?>) each).size() != 1) {
          throw new IllegalArgumentException("childPolicy: not a policy: " + each);
        }
        Map.Entry<String, Map<String, ?>> policy =
            ((Map<String, Map<String, ?>>) each).entrySet().iterator().next();
        if (provider(policy.getKey()) != null) {
          return policy;
        }
      }
    }
    throw new IllegalArgumentException("childPolicy: none of " + list + " is known");
  }

  private static String text(Map<String, ?> raw, String key, String otherwise) {
    Object value = raw.get(key);
    if (value != null && !(value instanceof String)) {
      throw new IllegalArgumentException(key + ": not a text: " + value);
    }
    return value == null ? otherwise : (String) value;
  }

  private static Fallback fallback(String value) {
    for (Fallback each : Fallback.values()) {
      if (each.name().toLowerCase(Locale.ROOT).equals(value)) {
        return each;
      }
    }
    throw new IllegalArgumentException("fallback: baseline, none or any, not " + value);
  }

  private static boolean isAny(String value) {
    if (!value.equals("any") && !value.equals("fail")) {
      throw new IllegalArgumentException("baselineEmpty: fail or any, not " + value);
    }
    return value.equals("any");
  }

  /** As durations are written in a service config (protobuf's JSON): {@code 0.25s}. */
  private static long nanos(String value) {
    if (!value.matches("\\d{1,6}(\\.\\d{1,9})?s")) {
      throw new IllegalArgumentException("connectWait: a duration such as 0.5s, not " + value);
    }
    return (long) (Double.parseDouble(value.substring(0, value.length() - 1)) * 1e9);
  }
}
