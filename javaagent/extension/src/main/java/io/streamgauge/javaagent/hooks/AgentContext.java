package io.streamgauge.javaagent.hooks;

import io.grpc.Context;

/** Puts {@link AgentContextStorage} where grpc keeps its current context. */
public final class AgentContext {

  /** The same bridge in OpenTelemetry's grpc library, where an application ships that. */
  private static final String FOREIGN = "io.grpc.override.ContextStorageOverride";

  private static final Context.Storage BRIDGE = new AgentContextStorage();

  /** Decided with the first use; threads that decide at once decide the same. */
  private static volatile Context.Storage decided;

  private AgentContext() {}

  /** The storage to use instead of {@code own}. */
  public static Context.Storage bridge(Context.Storage own) {
    Context.Storage storage = decided;
    if (storage == null) {
      storage = own.getClass().getName().equals(FOREIGN) ? own : BRIDGE;
      decided = storage;
    }
    return storage;
  }
}
