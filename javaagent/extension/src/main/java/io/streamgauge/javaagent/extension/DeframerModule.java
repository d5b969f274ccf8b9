package io.streamgauge.javaagent.extension;

import io.opentelemetry.javaagent.extension.instrumentation.TypeInstrumentation;
import io.opentelemetry.javaagent.tooling.muzzle.VirtualFieldMappingsBuilder;
import java.util.Collections;
import java.util.List;

/** Bytes that have arrived and the application has not asked for. */
public final class DeframerModule extends ShapedModule {

  static final String DEFRAMER = "io.grpc.internal.MessageDeframer";

  public DeframerModule() {
    super(
        "deframer",
        "deframer bytes are",
        BuildersModule.CORE,
        "AgentDeframer",
        Collections.singletonList(
            GrpcShape.of(DEFRAMER)
                .method(
                    "<init>",
                    "io.grpc.internal.MessageDeframer$Listener",
                    "io.grpc.Decompressor",
                    "int",
                    "io.grpc.internal.StatsTraceContext",
                    "io.grpc.internal.TransportTracer")
                .method("deframe", "io.grpc.internal.ReadableBuffer")
                .method("readRequiredBytes")
                .method("close")
                .field("unprocessed", "io.grpc.internal.CompositeReadableBuffer")));
  }

  @Override
  public void registerMuzzleVirtualFields(VirtualFieldMappingsBuilder builder) {
    builder.register(DEFRAMER, ExtensionHelpers.BYTES);
  }

  @Override
  public List<TypeInstrumentation> typeInstrumentations() {
    return Collections.singletonList(new DeframerType());
  }
}
