package io.streamgauge.javaagent.extension;

import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.takesNoArguments;

import io.grpc.ServerBuilder;
import io.opentelemetry.javaagent.extension.instrumentation.TypeInstrumentation;
import io.opentelemetry.javaagent.extension.instrumentation.TypeTransformer;
import io.streamgauge.javaagent.hooks.AgentHooks;
import java.util.List;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.matcher.ElementMatcher;

/** {@code ServerImplBuilder#build}: what every transport's server builder ends in. */
final class ServerBuilderType implements TypeInstrumentation {

  @Override
  public ElementMatcher<TypeDescription> typeMatcher() {
    return named("io.grpc.internal.ServerImplBuilder")
        .and(
            type -> {
              GrpcPresence.builderFound();
              return true;
            });
  }

  @Override
  public void transform(TypeTransformer transformer) {
    transformer.applyAdviceToMethod(
        named("build").and(takesNoArguments()), ServerBuilderType.class.getName() + "$Build");
  }

  /** Inlined into grpc. */
  public static final class Build {

    private Build() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.This ServerBuilder<?> builder,
        @Advice.FieldValue("interceptors") List<?> interceptors) {
      AgentHooks.server(builder, interceptors);
    }
  }
}
