package io.streamgauge.javaagent.extension;

import static net.bytebuddy.matcher.ElementMatchers.isConstructor;
import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.takesArguments;
import static net.bytebuddy.matcher.ElementMatchers.takesNoArguments;

import io.grpc.internal.CompositeReadableBuffer;
import io.grpc.internal.MessageDeframer;
import io.grpc.internal.StatsTraceContext;
import io.opentelemetry.javaagent.extension.instrumentation.TypeInstrumentation;
import io.opentelemetry.javaagent.extension.instrumentation.TypeTransformer;
import io.streamgauge.javaagent.hooks.AgentDeframer;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.matcher.ElementMatcher;

/** {@code MessageDeframer}: bytes come in by {@code deframe} and leave by {@code readRequired…}. */
final class DeframerType implements TypeInstrumentation {

  @Override
  public ElementMatcher<TypeDescription> typeMatcher() {
    return named(DeframerModule.DEFRAMER);
  }

  @Override
  public void transform(TypeTransformer transformer) {
    String name = DeframerType.class.getName();
    transformer.applyAdviceToMethod(isConstructor(), name + "$Open");
    transformer.applyAdviceToMethod(named("deframe").and(takesArguments(1)), name + "$Move");
    transformer.applyAdviceToMethod(
        named("readRequiredBytes").and(takesNoArguments()), name + "$Move");
    transformer.applyAdviceToMethod(named("close").and(takesNoArguments()), name + "$Close");
  }

  /** Inlined into grpc. */
  public static final class Open {

    private Open() {}

    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.This MessageDeframer deframer, @Advice.Argument(3) StatsTraceContext tracers) {
      AgentDeframer.opened(deframer, tracers);
    }
  }

  /** Inlined into grpc. */
  public static final class Move {

    private Move() {}

    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.This MessageDeframer deframer,
        @Advice.FieldValue("unprocessed") CompositeReadableBuffer unprocessed) {
      AgentDeframer.moved(deframer, unprocessed);
    }
  }

  /** Inlined into grpc. */
  public static final class Close {

    private Close() {}

    @Advice.OnMethodExit(onThrowable = Throwable.class, suppress = Throwable.class)
    public static void exit(@Advice.This MessageDeframer deframer) {
      AgentDeframer.closed(deframer);
    }
  }
}
