package io.streamgauge.javaagent.extension;

import static net.bytebuddy.matcher.ElementMatchers.isConstructor;
import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.takesArguments;

import io.opentelemetry.javaagent.extension.instrumentation.TypeInstrumentation;
import io.opentelemetry.javaagent.extension.instrumentation.TypeTransformer;
import io.streamgauge.javaagent.hooks.AgentRetry;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.matcher.ElementMatcher;

/** {@code RetriableStream}: keeps what is sent from its birth until it commits to an attempt. */
final class RetryStreamType implements TypeInstrumentation {

  @Override
  public ElementMatcher<TypeDescription> typeMatcher() {
    return named(RetryModule.STREAM);
  }

  @Override
  public void transform(TypeTransformer transformer) {
    String name = RetryStreamType.class.getName();
    transformer.applyAdviceToMethod(isConstructor(), name + "$Open");
    transformer.applyAdviceToMethod(named("commit").and(takesArguments(1)), name + "$Commit");
  }

  /** Inlined into grpc. */
  public static final class Open {

    private Open() {}

    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(@Advice.This Object stream) {
      AgentRetry.opened(stream);
    }
  }

  /** Inlined into grpc. */
  public static final class Commit {

    private Commit() {}

    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(@Advice.This Object stream) {
      AgentRetry.committed(stream);
    }
  }
}
