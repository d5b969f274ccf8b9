package io.streamgauge.javaagent.extension;

import io.opentelemetry.javaagent.extension.instrumentation.TypeInstrumentation;
import java.util.Arrays;
import java.util.List;

/** Attaches the library to every server and channel that is built. */
public final class BuildersModule extends ShapedModule {

  /** In grpc-core whatever the transport, since 2020; hooked by the modules by exact name. */
  static final String CORE = "io.grpc.internal.GrpcUtil";

  public BuildersModule() {
    super(
        "builders",
        "everything is",
        CORE,
        "Agent",
        Arrays.asList(
            GrpcShape.of("io.grpc.internal.ServerImplBuilder")
                .method("build")
                .field("interceptors", "java.util.List"),
            GrpcShape.of("io.grpc.internal.ManagedChannelImplBuilder")
                .method("build")
                .field("interceptors", "java.util.List")));
  }

  @Override
  public List<String> getMuzzleHelperClassNames() {
    return ExtensionHelpers.names();
  }

  /** The built-in grpc instrumentation, where it is on, is to be outside of ours. */
  @Override
  public int order() {
    return 1;
  }

  @Override
  public List<TypeInstrumentation> typeInstrumentations() {
    return Arrays.asList(new ServerBuilderType(), new ChannelBuilderType());
  }
}
