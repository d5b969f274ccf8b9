package io.streamgauge.testkit.contract;

import java.lang.instrument.Instrumentation;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Predicate;
import net.bytebuddy.agent.ByteBuddyAgent;
import net.bytebuddy.agent.builder.AgentBuilder;
import net.bytebuddy.agent.builder.ResettableClassFileTransformer;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.matcher.ElementMatchers;

/**
 * Makes methods of the library throw, by rewriting their bytecode: the only way to have a fault in
 * code that is written not to have any. What is put there knows the JDK only, so that it works in
 * an agent's class loader too.
 */
final class FaultSites implements AutoCloseable {

  /** What an armed method does. */
  enum Fault {
    RUNTIME,
    STACK_OVERFLOW,
    NO_SUCH_METHOD,
    OUT_OF_MEMORY,
    INTERNAL,
    THREAD_DEATH,
    SLEEP
  }

  static final String ARMED = "streamgauge.test.fault";
  static final String ACT = "streamgauge.test.act";

  private final Instrumentation instrumentation = ByteBuddyAgent.install();
  private final AtomicInteger thrown = new AtomicInteger();
  private final ResettableClassFileTransformer transformer;
  private volatile Fault fault = Fault.RUNTIME;

  /** Rewrites those classes that are loaded now. */
  FaultSites(Predicate<Class<?>> chosen) {
    Class<?>[] classes =
        Arrays.stream(instrumentation.getAllLoadedClasses())
            .filter(loaded -> chosen.test(loaded))
            .toArray(Class<?>[]::new);
    Consumer<String> act = this::act;
    System.getProperties().put(ACT, act);
    transformer =
        new AgentBuilder.Default()
            .disableClassFormatChanges()
            .ignore(ElementMatchers.none())
            .with(AgentBuilder.RedefinitionStrategy.RETRANSFORMATION)
            .type(ElementMatchers.anyOf(classes))
            .transform(
                (builder, type, loader, module, domain) ->
                    builder.visit(
                        Advice.to(Throw.class)
                            .on(
                                ElementMatchers.isMethod()
                                    .and(ElementMatchers.not(ElementMatchers.isAbstract())))))
            .installOn(instrumentation);
  }

  /** From now on the method that is {@code Class.method} does that. */
  void arm(String site, Fault what) {
    fault = what;
    System.setProperty(ARMED, "." + site);
  }

  void disarm() {
    System.clearProperty(ARMED);
  }

  /** How often anything was thrown, or slept. */
  int thrown() {
    return thrown.get();
  }

  private void act(String method) {
    thrown.incrementAndGet();
    String said = "injected into " + method;
    switch (fault) {
      case RUNTIME -> throw new IllegalStateException(said);
      case STACK_OVERFLOW -> throw new StackOverflowError(said);
      case NO_SUCH_METHOD -> throw new NoSuchMethodError(said);
      case OUT_OF_MEMORY -> throw new OutOfMemoryError(said);
      case INTERNAL -> throw new InternalError(said);
      case THREAD_DEATH -> throw new InjectedDeath();
      case SLEEP -> LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
    }
  }

  @SuppressWarnings("removal") // as long as it exists, it passes
  private static final class InjectedDeath extends ThreadDeath {
    private static final long serialVersionUID = 1;

    @Override
    public String getMessage() {
      return "injected";
    }
  }

  @Override
  public void close() {
    disarm();
    transformer.reset(instrumentation, AgentBuilder.RedefinitionStrategy.RETRANSFORMATION);
    System.getProperties().remove(ACT);
  }

  /** Inlined at the entry of every method of the chosen classes. */
  static final class Throw {

    private Throw() {}

    @Advice.OnMethodEnter
    @SuppressWarnings("unchecked")
    static void enter(@Advice.Origin("#t.#m") String method) {
      String site = System.getProperty("streamgauge.test.fault");
      if (site != null && method.endsWith(site)) {
        ((Consumer<String>) System.getProperties().get("streamgauge.test.act")).accept(method);
      }
    }
  }
}
