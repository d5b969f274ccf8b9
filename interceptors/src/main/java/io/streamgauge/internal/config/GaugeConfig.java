package io.streamgauge.internal.config;

import io.streamgauge.Cost;
import io.streamgauge.MessageCarrier;
import io.streamgauge.Timing;
import io.streamgauge.TraceTrust;
import io.streamgauge.gray.GrayPolicy;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The configuration keys: what code set is overridden by the environment, and that by system
 * properties. A wrong value, and an unknown system property, fail here, at start, and name
 * themselves; an unknown variable is a warning ({@link EnvironmentVariables}).
 */
public final class GaugeConfig {

  static final String ENABLED = "streamgauge.enabled";
  static final String EXCLUDE = "streamgauge.exclude";
  static final String SPANS = "streamgauge.spans";
  static final String STALL_AFTER = "streamgauge.stall.after";
  static final String STALL_METHODS = "streamgauge.stall.methods";
  public static final String TRACE_CHECKPOINT = "streamgauge.trace.checkpoint";
  static final String TRACE_INGRESS = "streamgauge.trace.ingress";
  static final String TRACE_METADATA = "streamgauge.trace.metadata";
  static final String MESSAGE_FIELD = "streamgauge.message-field";
  static final String MDC = "streamgauge.mdc";
  static final String TIMING = "streamgauge.timing";
  static final String COST = "streamgauge.cost";
  static final String CONFIG_FILE = "streamgauge.config-file";

  private static final Set<String> KEYS = new LinkedHashSet<>();

  static {
    KEYS.addAll(
        Arrays.asList(
            ENABLED,
            EXCLUDE,
            SPANS,
            STALL_AFTER,
            STALL_METHODS,
            TIMING,
            COST,
            TRACE_CHECKPOINT,
            TRACE_INGRESS,
            TRACE_METADATA,
            MESSAGE_FIELD,
            MDC,
            CONFIG_FILE));
    KEYS.addAll(GrayKeys.ALL);
  }

  /** What a file may change while the process runs, besides the rules for gray tags. */
  private static final Set<String> SWAPPABLE =
      new LinkedHashSet<>(Arrays.asList(ENABLED, STALL_AFTER, STALL_METHODS));

  /** Keys with our prefix that speak to the agent, or to the build, not to the library. */
  private static final Set<String> NOT_OURS =
      Collections.unmodifiableSet(
          new LinkedHashSet<>(
              Arrays.asList(
                  "streamgauge.profile",
                  "STREAMGAUGE_PROFILE",
                  "streamgauge.console.port",
                  "STREAMGAUGE_CONSOLE_PORT",
                  "streamgauge.simpleclient",
                  "STREAMGAUGE_SIMPLECLIENT",
                  "STREAMGAUGE_REQUIRE_ALL")));

  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h)");

  public boolean enabled = true;

  /** Of a file: whether it says anything about that. */
  boolean enabledNamed;

  public boolean spans = true;
  public boolean mdc;

  /** Null for no checkpoints. */
  public Duration checkpoint = Duration.ofSeconds(30);

  public TraceTrust ingress = TraceTrust.TRUSTED;
  public Set<String> metadata = new LinkedHashSet<>();

  /** Null for none. */
  public String messageField;

  public final Map<Class<?>, MessageCarrier<?>> carriers = new LinkedHashMap<>();

  public boolean grayEnabled = true;
  public GrayPolicy.Builder gray = GrayPolicy.builder();

  /** Null for none. */
  public Path file;

  public Timing timing = Timing.SAMPLED;
  public Cost cost = Cost.FULL;
  public Duration stallAfter = Duration.ofSeconds(10);
  public final Map<String, Duration> stallMethods = new LinkedHashMap<>();

  /** Health and reflection are the tools of operators, not traffic. */
  static final List<String> EXCLUDED =
      Collections.unmodifiableList(
          Arrays.asList(
              "grpc.health.v1.Health",
              "grpc.reflection.v1.ServerReflection",
              "grpc.reflection.v1alpha.ServerReflection"));

  public Set<String> exclude = new LinkedHashSet<>(EXCLUDED);

  /** Lays the environment, then the system properties, over what code set. */
  public void overlay(Map<String, String> environment, Properties properties) {
    collect(environment, properties).forEach(this::set);
  }

  /**
   * This configuration with what a file says on top, as far as that may change at run time.
   *
   * @throws IllegalArgumentException naming the key that is wrong
   */
  GaugeConfig with(Properties file) {
    GaugeConfig next = new GaugeConfig();
    next.enabled = enabled;
    next.stallAfter = stallAfter;
    next.stallMethods.putAll(stallMethods);
    next.grayEnabled = grayEnabled;
    next.gray = gray.build().toBuilder();
    next.enabledNamed = file.containsKey(ENABLED);
    for (String key : new TreeSet<>(file.stringPropertyNames())) {
      boolean known = SWAPPABLE.contains(key) || GrayKeys.ALL.contains(key);
      if (!known || key.equals(GrayKeys.ENABLED)) {
        throw new IllegalArgumentException(key + ": cannot be changed while the process runs");
      }
      next.set(key, file.getProperty(key).trim());
    }
    next.gray.build();
    return next;
  }

  private static Map<String, String> collect(
      Map<String, String> environment, Properties properties) {
    Map<String, String> found = EnvironmentVariables.of(environment, KEYS, NOT_OURS);
    for (String name : properties.stringPropertyNames()) {
      if (name.startsWith("streamgauge.") && !NOT_OURS.contains(name)) {
        if (!KEYS.contains(name)) {
          throw unknown(name);
        }
        found.put(name, properties.getProperty(name));
      }
    }
    return found;
  }

  private static IllegalArgumentException unknown(String name) {
    return new IllegalArgumentException(
        name + ": unknown configuration key; known are " + String.join(", ", KEYS));
  }

  private void set(String key, String value) {
    switch (key) {
      case ENABLED:
        enabled = bool(key, value);
        break;
      case EXCLUDE:
        exclude = list(value);
        break;
      case SPANS:
        spans = bool(key, value);
        break;
      case STALL_AFTER:
        stallAfter = duration(key, value);
        break;
      case STALL_METHODS:
        stallMethods(value);
        break;
      case TRACE_CHECKPOINT:
        checkpoint = value.equals("off") ? null : duration(key, value);
        break;
      case TRACE_INGRESS:
        ingress = ingress(key, value);
        break;
      case TRACE_METADATA:
        metadata = list(value);
        break;
      case MESSAGE_FIELD:
        messageField = value.isEmpty() ? null : value;
        break;
      case MDC:
        mdc = bool(key, value);
        break;
      case CONFIG_FILE:
        file = Paths.get(value);
        break;
      case GrayKeys.ENABLED:
        grayEnabled = bool(key, value);
        break;
      case TIMING:
        timing = timing(key, value);
        break;
      case COST:
        cost = cost(key, value);
        break;
      default:
        GrayKeys.set(gray, key, value);
    }
  }

  /** Method or service names with a duration each, as in {@code pkg.Service/Method=60s}. */
  private void stallMethods(String value) {
    stallMethods.clear();
    for (String item : list(value)) {
      int equals = item.indexOf('=');
      if (equals < 1) {
        throw wrong(STALL_METHODS, item, "method=duration, separated by commas");
      }
      stallMethods.put(
          item.substring(0, equals).trim(),
          duration(STALL_METHODS, item.substring(equals + 1).trim()));
    }
  }

  private static TraceTrust ingress(String key, String value) {
    switch (value) {
      case "trusted":
        return TraceTrust.TRUSTED;
      case "edge":
        return TraceTrust.EDGE;
      default:
        throw wrong(key, value, "trusted or edge");
    }
  }

  private static Timing timing(String key, String value) {
    switch (value) {
      case "off":
        return Timing.OFF;
      case "sampled":
        return Timing.SAMPLED;
      case "all":
        return Timing.ALL;
      default:
        throw wrong(key, value, "off, sampled or all");
    }
  }

  private static Cost cost(String key, String value) {
    switch (value) {
      case "full":
        return Cost.FULL;
      case "light":
        return Cost.LIGHT;
      default:
        throw wrong(key, value, "full or light");
    }
  }

  /** A whole number with a unit: {@code ms}, {@code s}, {@code m} or {@code h}; above zero. */
  static Duration duration(String key, String value) {
    Matcher matcher = DURATION.matcher(value);
    if (matcher.matches() && !matcher.group(1).matches("0+")) {
      long amount = Long.parseLong(matcher.group(1));
      switch (matcher.group(2)) {
        case "ms":
          return Duration.ofMillis(amount);
        case "s":
          return Duration.ofSeconds(amount);
        case "m":
          return Duration.ofMinutes(amount);
        default:
          return Duration.ofHours(amount);
      }
    }
    throw wrong(key, value, "a duration such as 500ms, 10s, 2m or 1h");
  }

  private static boolean bool(String key, String value) {
    if (value.equals("true") || value.equals("false")) {
      return value.equals("true");
    }
    throw wrong(key, value, "true or false");
  }

  static Set<String> list(String value) {
    Map<String, Boolean> items = new LinkedHashMap<>();
    for (String item : value.split(",", -1)) {
      if (!item.trim().isEmpty()) {
        items.put(item.trim(), true);
      }
    }
    return items.keySet();
  }

  static IllegalArgumentException wrong(String key, String value, String expected) {
    return new IllegalArgumentException(
        key + ": '" + value + "' is not valid; expected " + expected);
  }
}
