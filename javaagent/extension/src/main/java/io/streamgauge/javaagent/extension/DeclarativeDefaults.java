package io.streamgauge.javaagent.extension;

import io.opentelemetry.sdk.autoconfigure.declarativeconfig.DeclarativeConfigurationCustomizer;
import io.opentelemetry.sdk.autoconfigure.declarativeconfig.DeclarativeConfigurationCustomizerProvider;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The defaults of {@link ExtensionDefaults} where the agent is configured by a YAML file ({@code
 * otel.config.file}), which knows no properties: selectors of {@code
 * distribution.javaagent.instrumentation}. What the file says wins.
 *
 * <p>The model of the file is not stable: its setters were renamed between SDK 1.65 and 1.67. So it
 * is reached by name, and where that fails the log says what to write into the file.
 */
public final class DeclarativeDefaults implements DeclarativeConfigurationCustomizerProvider {

  private static final Logger logger = Logger.getLogger("io.streamgauge");

  /** Spelled as the agent's own selectors are. */
  private static final String BUILT_IN = "grpc";

  private static final List<String> NOT_IN_LEAN =
      Arrays.asList("internal_lambda", "internal_reflection", "runtime_telemetry", "jmx_metrics");

  /**
   * Whether the file has turned the built-in instrumentation on; null where there is no file.
   * Written while the SDK is made, read when the instrumentations are, on the agent's thread.
   */
  private static Boolean builtIn;

  static Boolean isBuiltIn() {
    return builtIn;
  }

  @Override
  public void customize(DeclarativeConfigurationCustomizer customizer) {
    customizer.addModelCustomizer(
        model -> {
          // Where it cannot be turned off it is on, and so is its context bridge.
          builtIn = true;
          try {
            customize(model);
          } catch (ReflectiveOperationException | RuntimeException e) {
            logger.log(
                Level.WARNING,
                "Streamgauge cannot apply its defaults to otel.config.file with this agent, so that"
                    + " calls may have two spans a side. Add to the file:"
                    + " distribution.javaagent.instrumentation.disabled: [grpc]",
                e);
          }
          return model;
        });
  }

  /** Before the agent reads the selectors, which it does in a customizer of its own at 0. */
  @Override
  public int order() {
    return -1;
  }

  private static void customize(Object model) throws ReflectiveOperationException {
    Object distribution = invoke(model, "getDistribution");
    if (distribution == null) {
      Class<?> type = model.getClass().getMethod("getDistribution").getReturnType();
      distribution = type.getConstructor().newInstance();
      set(model, Arrays.asList("setDistribution", "withDistribution"), distribution);
    }
    Map<String, Object> javaagent = properties(distribution, "javaagent");
    Map<String, Object> instrumentation =
        new LinkedHashMap<>(map(javaagent.get("instrumentation")));
    boolean kept = resolve(instrumentation);
    javaagent.put("instrumentation", instrumentation);
    set(distribution, "javaagent", javaagent);
    builtIn = kept;
  }

  /** Adds our defaults to the selectors, where the file does not name the instrumentation. */
  static boolean resolve(Map<String, Object> instrumentation) {
    List<String> enabled = names(instrumentation.get("enabled"));
    List<String> disabled = names(instrumentation.get("disabled"));
    boolean kept = enabled.contains(BUILT_IN) && !disabled.contains(BUILT_IN);
    if (kept) {
      if (ExtensionKeys.get(ExtensionKeys.SPANS) == null) {
        // The library asks system properties, so that is where its key is set.
        System.setProperty(ExtensionKeys.SPANS, "false");
      }
    } else if (!disabled.contains(BUILT_IN)) {
      disabled.add(BUILT_IN);
    }
    if (ExtensionKeys.isLean() && !instrumentation.containsKey("default_enabled")) {
      instrumentation.put("default_enabled", false);
      // An application's own spans must stay part of the trace.
      add("opentelemetry_api", enabled, disabled);
      for (String other : NOT_IN_LEAN) {
        add(other, disabled, enabled);
      }
    }
    instrumentation.put("enabled", enabled);
    instrumentation.put("disabled", disabled);
    return kept;
  }

  private static void add(String name, List<String> to, List<String> unlessIn) {
    if (!to.contains(name) && !unlessIn.contains(name)) {
      to.add(name);
    }
  }

  private static List<String> names(Object selectors) {
    List<String> names = new ArrayList<>();
    if (selectors instanceof Collection) {
      for (Object selector : (Collection<?>) selectors) {
        names.add(String.valueOf(selector).replace('-', '_'));
      }
    }
    return names;
  }

  @SuppressWarnings("unchecked") // of a YAML document
  private static Map<String, Object> map(Object value) {
    return value instanceof Map ? (Map<String, Object>) value : new LinkedHashMap<>();
  }

  /** A map from SDK 1.67 on, an object with properties before. */
  private static Map<String, Object> properties(Object distribution, String name)
      throws ReflectiveOperationException {
    Object all = invoke(distribution, "getExtensionProperties", "getAdditionalProperties");
    Object found = map(all).get(name);
    if (found != null && !(found instanceof Map)) {
      found = invoke(found, "getExtensionProperties", "getAdditionalProperties");
    }
    return new LinkedHashMap<>(map(found));
  }

  private static void set(Object distribution, String name, Map<String, Object> properties)
      throws ReflectiveOperationException {
    for (Method method : distribution.getClass().getMethods()) {
      if (method.getParameterCount() == 2
          && (method.getName().equals("setExtensionProperty")
              || method.getName().equals("withAdditionalProperty"))) {
        method.invoke(distribution, name, typed(method.getParameterTypes()[1], properties));
        return;
      }
    }
    throw new NoSuchMethodException("no property can be set on " + distribution.getClass());
  }

  private static Object typed(Class<?> type, Map<String, Object> properties)
      throws ReflectiveOperationException {
    if (type == Object.class) {
      return properties;
    }
    Object made = type.getConstructor().newInstance();
    Method add = type.getMethod("withAdditionalProperty", String.class, Object.class);
    for (Map.Entry<String, Object> property : properties.entrySet()) {
      add.invoke(made, property.getKey(), property.getValue());
    }
    return made;
  }

  private static void set(Object target, List<String> names, Object value)
      throws ReflectiveOperationException {
    for (Method method : target.getClass().getMethods()) {
      if (names.contains(method.getName()) && method.getParameterCount() == 1) {
        method.invoke(target, value);
        return;
      }
    }
    throw new NoSuchMethodException(names + " of " + target.getClass());
  }

  private static Object invoke(Object target, String... names) throws ReflectiveOperationException {
    for (String name : names) {
      try {
        return target.getClass().getMethod(name).invoke(target);
      } catch (NoSuchMethodException e) {
        // Another version has the next name.
      } catch (InvocationTargetException e) {
        throw new ReflectiveOperationException(e);
      }
    }
    throw new NoSuchMethodException(Arrays.toString(names) + " of " + target.getClass());
  }
}
