package io.streamgauge.javaagent.extension;

import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.takesNoArguments;

import io.grpc.Context;
import io.opentelemetry.javaagent.extension.instrumentation.TypeInstrumentation;
import io.opentelemetry.javaagent.extension.instrumentation.TypeTransformer;
import io.streamgauge.javaagent.hooks.AgentContext;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.matcher.ElementMatcher;

/** {@code io.grpc.Context#storage}: where the current context is kept. */
final class ContextStorageType implements TypeInstrumentation {

  @Override
  public ElementMatcher<TypeDescription> typeMatcher() {
    return named(ContextModule.CONTEXT);
  }

  @Override
  public void transform(TypeTransformer transformer) {
    transformer.applyAdviceToMethod(
        named("storage").and(takesNoArguments()), ContextStorageType.class.getName() + "$Storage");
  }

  /** Inlined into grpc. */
  public static final class Storage {

    private Storage() {}

    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(@Advice.Return(readOnly = false) Context.Storage storage) {
      storage = AgentContext.bridge(storage);
    }
  }
}
