package io.streamgauge;

import java.lang.instrument.Instrumentation;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import net.bytebuddy.agent.ByteBuddyAgent;
import net.bytebuddy.agent.builder.AgentBuilder;
import net.bytebuddy.agent.builder.ResettableClassFileTransformer;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.matcher.ElementMatchers;

/**
 * Makes methods of the library throw, by rewriting their bytecode: the only way to have a fault in
 * code that is written not to have any.
 */
public final class FaultSites implements AutoCloseable {

  /** The method that throws now, as {@code Class.method}; null for none. */
  @SuppressWarnings("NonFinalStaticField") // set by one test at a time
  public static volatile String armed;

  public static final AtomicInteger thrown = new AtomicInteger();

  /** What an armed method does. */
  enum Fault {
    RUNTIME,
    STACK_OVERFLOW,
    NO_SUCH_METHOD,
    OUT_OF_MEMORY,
    SLEEP
  }

  @SuppressWarnings("NonFinalStaticField") // set by one test at a time
  static volatile Fault fault = Fault.RUNTIME;

  /** Called from where the advice was put. */
  public static void act(String method) {
    thrown.incrementAndGet();
    String said = "injected into " + method;
    switch (fault) {
      case RUNTIME -> throw new IllegalStateException(said);
      case STACK_OVERFLOW -> throw new StackOverflowError(said);
      case NO_SUCH_METHOD -> throw new NoSuchMethodError(said);
      case OUT_OF_MEMORY -> throw new OutOfMemoryError(said);
      case SLEEP -> LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
    }
  }

  private final Instrumentation instrumentation;
  private final ResettableClassFileTransformer transformer;

  FaultSites(List<Class<?>> classes) {
    instrumentation = ByteBuddyAgent.install();
    transformer =
        new AgentBuilder.Default()
            .disableClassFormatChanges()
            .with(AgentBuilder.RedefinitionStrategy.RETRANSFORMATION)
            .type(ElementMatchers.anyOf(classes.toArray(new Class<?>[0])))
            .transform(
                (builder, type, loader, module, domain) ->
                    builder.visit(
                        Advice.to(Throw.class)
                            .on(
                                ElementMatchers.isMethod()
                                    .and(ElementMatchers.not(ElementMatchers.isAbstract())))))
            .installOn(instrumentation);
  }

  @Override
  public void close() {
    armed = null;
    transformer.reset(instrumentation, AgentBuilder.RedefinitionStrategy.RETRANSFORMATION);
  }

  /** Inlined at the entry of every method of the chosen classes. */
  static final class Throw {

    private Throw() {}

    @Advice.OnMethodEnter
    static void enter(@Advice.Origin("#t.#m") String method) {
      if (FaultSites.armed != null && method.endsWith(FaultSites.armed)) {
        FaultSites.act(method);
      }
    }
  }
}
