package io.streamgauge.javaagent.extension;

import io.opentelemetry.javaagent.extension.instrumentation.TypeInstrumentation;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigProperties;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Carries span and grpc context together from thread to thread. The built-in grpc instrumentation
 * does so too, so this is on only where that is off.
 */
public final class ContextModule extends ShapedModule {

  static final String CONTEXT = "io.grpc.Context";

  public ContextModule() {
    super(
        "context",
        "the context bridge is",
        CONTEXT,
        "AgentContext",
        Collections.singletonList(GrpcShape.of(CONTEXT).method("storage")));
  }

  @Override
  public boolean defaultEnabled(ConfigProperties config) {
    return !ExtensionDefaults.isBuiltIn(config);
  }

  /**
   * The bridge is wanted where no server and no channel is built, so the library may be missing.
   */
  @Override
  public List<String> getMuzzleHelperClassNames() {
    List<String> names = new ArrayList<>(super.getMuzzleHelperClassNames());
    names.add(ExtensionHelpers.MARK);
    return names;
  }

  @Override
  public List<TypeInstrumentation> typeInstrumentations() {
    return Collections.singletonList(new ContextStorageType());
  }
}
