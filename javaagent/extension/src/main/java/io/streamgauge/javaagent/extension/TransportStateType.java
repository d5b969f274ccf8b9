package io.streamgauge.javaagent.extension;

import static net.bytebuddy.matcher.ElementMatchers.isConstructor;
import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.takesArguments;

import io.grpc.internal.AbstractStream;
import io.grpc.internal.StatsTraceContext;
import io.opentelemetry.javaagent.extension.instrumentation.TypeInstrumentation;
import io.opentelemetry.javaagent.extension.instrumentation.TypeTransformer;
import io.streamgauge.javaagent.hooks.AgentTransport;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.matcher.ElementMatcher;

/** {@code AbstractStream$TransportState}: one hook for all HTTP/2 transports. */
final class TransportStateType implements TypeInstrumentation {

  @Override
  public ElementMatcher<TypeDescription> typeMatcher() {
    return named(TransportModule.STATE);
  }

  @Override
  public void transform(TypeTransformer transformer) {
    String name = TransportStateType.class.getName();
    transformer.applyAdviceToMethod(isConstructor(), name + "$Open");
    transformer.applyAdviceToMethod(
        named("onSendingBytes").and(takesArguments(int.class)), name + "$Framed");
    transformer.applyAdviceToMethod(
        named("onSentBytes").and(takesArguments(int.class)), name + "$Written");
  }

  /** Inlined into grpc. */
  public static final class Open {

    private Open() {}

    @Advice.OnMethodExit(suppress = Throwable.class)
    public static void exit(
        @Advice.This AbstractStream.TransportState state,
        @Advice.Argument(1) StatsTraceContext tracers) {
      AgentTransport.opened(state, tracers);
    }
  }

  /** Inlined into grpc. */
  public static final class Framed {

    private Framed() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.This AbstractStream.TransportState state, @Advice.Argument(0) int bytes) {
      AgentTransport.framed(state, bytes);
    }
  }

  /** Inlined into grpc. */
  public static final class Written {

    private Written() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    public static void enter(
        @Advice.This AbstractStream.TransportState state, @Advice.Argument(0) int bytes) {
      AgentTransport.written(state, bytes);
    }
  }
}
