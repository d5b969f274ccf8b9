package io.streamgauge.internal.config;

import io.streamgauge.gray.GrayDerive;
import io.streamgauge.gray.GrayIngress;
import io.streamgauge.gray.GrayPolicy;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;

/** The keys of gray tags: names and values as text, onto a policy. */
final class GrayKeys {

  static final String PREFIX = "streamgauge.gray.";

  static final String ENABLED = PREFIX + "enabled";
  private static final String HEADER = PREFIX + "header";
  private static final String ALIASES = PREFIX + "aliases";
  private static final String INGRESS = PREFIX + "ingress";
  private static final String ALLOW = PREFIX + "allow";
  private static final String ON_INVALID = PREFIX + "on-invalid";
  private static final String PROPAGATE_TO = PREFIX + "egress.propagate-to";
  private static final String WHERE = PREFIX + "derive.where";
  private static final String KEYS_OF = PREFIX + "derive.keys";
  private static final String SALT = PREFIX + "derive.salt";
  private static final String GROUPS = PREFIX + "derive.groups";
  private static final String INSTANCE = PREFIX + "instance-tag";
  private static final String MAX_TAGS = PREFIX + "metrics.max-tags";

  static final Set<String> ALL =
      Collections.unmodifiableSet(
          new LinkedHashSet<>(
              Arrays.asList(
                  ENABLED,
                  HEADER,
                  ALIASES,
                  INGRESS,
                  ALLOW,
                  ON_INVALID,
                  PROPAGATE_TO,
                  WHERE,
                  KEYS_OF,
                  SALT,
                  GROUPS,
                  INSTANCE,
                  MAX_TAGS)));

  private GrayKeys() {}

  /**
   * Sets one key other than {@link #ENABLED}.
   *
   * @throws IllegalArgumentException naming the key
   */
  static void set(GrayPolicy.Builder policy, String key, String value) {
    try {
      apply(policy, key, value);
    } catch (IllegalArgumentException e) {
      throw e.getMessage() != null && e.getMessage().startsWith(key)
          ? e
          : new IllegalArgumentException(key + ": " + e.getMessage(), e);
    }
  }

  private static void apply(GrayPolicy.Builder policy, String key, String value) {
    String[] list = GaugeConfig.list(value).toArray(new String[0]);
    switch (key) {
      case HEADER:
        policy.header(value);
        break;
      case ALIASES:
        policy.aliases(list);
        break;
      case INGRESS:
        policy.ingress(oneOf(key, value, GrayIngress.values()));
        break;
      case ALLOW:
        policy.allow(list);
        break;
      case ON_INVALID:
        policy.rejectInvalid(isReject(key, value));
        break;
      case PROPAGATE_TO:
        policy.propagateTo(list);
        break;
      case WHERE:
        policy.derive(oneOf(key, value, GrayDerive.values()));
        break;
      case KEYS_OF:
        policy.deriveKeys(list);
        break;
      case SALT:
        policy.deriveSalt(value);
        break;
      case GROUPS:
        policy.deriveGroups(value);
        break;
      case INSTANCE:
        policy.instanceTag(value.isEmpty() ? null : value);
        break;
      default:
        policy.maxTags(number(key, value));
        break;
    }
  }

  private static boolean isReject(String key, String value) {
    if (value.equals("reject") || value.equals("ignore")) {
      return value.equals("reject");
    }
    throw GaugeConfig.wrong(key, value, "ignore or reject");
  }

  private static <E extends Enum<E>> E oneOf(String key, String value, E[] values) {
    StringBuilder names = new StringBuilder();
    for (E each : values) {
      String name = each.name().toLowerCase(java.util.Locale.ROOT);
      if (name.equals(value)) {
        return each;
      }
      names.append(names.length() == 0 ? "" : ", ").append(name);
    }
    throw GaugeConfig.wrong(key, value, "one of " + names);
  }

  private static int number(String key, String value) {
    try {
      return Integer.parseInt(value);
    } catch (NumberFormatException e) {
      throw GaugeConfig.wrong(key, value, "a number from 1 to 10");
    }
  }
}
