package io.streamgauge.javaagent.extension;

import io.opentelemetry.javaagent.extension.instrumentation.TypeInstrumentation;
import io.opentelemetry.javaagent.tooling.muzzle.VirtualFieldMappingsBuilder;
import java.util.Collections;
import java.util.List;

/** Bytes framed and not written to the socket yet. */
public final class TransportModule extends ShapedModule {

  static final String STATE = "io.grpc.internal.AbstractStream$TransportState";

  public TransportModule() {
    super(
        "transport",
        "transport bytes are",
        BuildersModule.CORE,
        "AgentTransport",
        Collections.singletonList(
            GrpcShape.of(STATE)
                .method(
                    "<init>",
                    "int",
                    "io.grpc.internal.StatsTraceContext",
                    "io.grpc.internal.TransportTracer")
                .method("onSendingBytes", "int")
                .method("onSentBytes", "int")));
  }

  @Override
  public void registerMuzzleVirtualFields(VirtualFieldMappingsBuilder builder) {
    builder.register(STATE, ExtensionHelpers.BYTES);
  }

  @Override
  public List<TypeInstrumentation> typeInstrumentations() {
    return Collections.singletonList(new TransportStateType());
  }
}
