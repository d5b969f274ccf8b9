package io.streamgauge.javaagent.extension;

import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.takesNoArguments;

import io.grpc.ClientInterceptor;
import io.opentelemetry.javaagent.extension.instrumentation.TypeInstrumentation;
import io.opentelemetry.javaagent.extension.instrumentation.TypeTransformer;
import io.streamgauge.javaagent.hooks.AgentHooks;
import java.util.List;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.matcher.ElementMatcher;

/** {@code ManagedChannelImplBuilder#build}: what every transport's channel builder ends in. */
final class ChannelBuilderType implements TypeInstrumentation {

  @Override
  public ElementMatcher<TypeDescription> typeMatcher() {
    return named("io.grpc.internal.ManagedChannelImplBuilder")
        .and(
            type -> {
              GrpcPresence.builderFound();
              return true;
            });
  }

  @Override
  public void transform(TypeTransformer transformer) {
    transformer.applyAdviceToMethod(
        named("build").and(takesNoArguments()), ChannelBuilderType.class.getName() + "$Build");
  }

  /** Inlined into grpc. */
  public static final class Build {

    private Build() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.FieldValue("interceptors") List<ClientInterceptor> interceptors) {
      AgentHooks.channel(interceptors);
    }
  }
}
