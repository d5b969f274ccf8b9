package io.streamgauge.javaagent.hooks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What is bound, in words. */
final class AgentNames {

  /** Written by the extension, which is in a class loader of its own. */
  private static final String BOUND = "io.streamgauge.javaagent.bound";

  private AgentNames() {}

  static String variable(String key) {
    return key.toUpperCase(Locale.ROOT).replace('.', '_');
  }

  static String version(Class<?> type) {
    String version =
        type.getPackage() == null ? null : type.getPackage().getImplementationVersion();
    return version == null ? "(version unknown)" : version;
  }

  /** The modules that are on here, apart from the builders'; each may have turned itself off. */
  static String modules() {
    List<String> on = new ArrayList<>();
    add(on, "transport", "io.grpc.internal.AbstractStream$TransportState");
    add(on, "deframer", "io.grpc.internal.MessageDeframer");
    add(on, "retry", "io.grpc.internal.RetriableStream");
    add(on, "context", "io.grpc.Context");
    return on.isEmpty() ? "builders" : "builders, " + String.join(", ", on);
  }

  private static void add(List<String> on, String module, String className) {
    try {
      // Loaded now, so that the agent has had to decide.
      ClassLoader loader = AgentNames.class.getClassLoader();
      Class.forName(className, false, loader);
      String bound = System.getProperty(BOUND, "");
      if (bound.contains(module + "@" + System.identityHashCode(loader) + " ")) {
        on.add(module);
      }
    } catch (ClassNotFoundException e) {
      // Its module has said so.
    }
  }
}
