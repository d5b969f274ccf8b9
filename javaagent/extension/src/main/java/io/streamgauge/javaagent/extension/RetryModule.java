package io.streamgauge.javaagent.extension;

import io.opentelemetry.javaagent.extension.instrumentation.TypeInstrumentation;
import io.opentelemetry.javaagent.tooling.muzzle.VirtualFieldMappingsBuilder;
import java.util.Arrays;
import java.util.List;

/** Bytes of sent messages that grpc keeps until it knows that it need not send them again. */
public final class RetryModule extends ShapedModule {

  static final String STREAM = "io.grpc.internal.RetriableStream";
  static final String CALL = "io.grpc.internal.ClientCallImpl";

  public RetryModule() {
    super(
        "retry",
        "retry bytes are",
        BuildersModule.CORE,
        "AgentRetry",
        Arrays.asList(
            GrpcShape.of(STREAM).method("commit", "io.grpc.internal.RetriableStream$Substream"),
            GrpcShape.of(CALL)
                .method("start", "io.grpc.ClientCall$Listener", "io.grpc.Metadata")
                .field("callOptions", "io.grpc.CallOptions")));
  }

  @Override
  public void registerMuzzleVirtualFields(VirtualFieldMappingsBuilder builder) {
    builder.register(STREAM, ExtensionHelpers.RETRY);
  }

  @Override
  public List<TypeInstrumentation> typeInstrumentations() {
    return Arrays.asList(new RetryCallType(), new RetryStreamType());
  }
}
