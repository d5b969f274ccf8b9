package io.streamgauge.testkit.contract;

import java.lang.instrument.Instrumentation;
import java.net.URLClassLoader;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import net.bytebuddy.agent.ByteBuddyAgent;
import net.bytebuddy.agent.builder.AgentBuilder;
import net.bytebuddy.agent.builder.ResettableClassFileTransformer;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.description.annotation.AnnotationDescription;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.matcher.ElementMatchers;

/**
 * Makes the methods annotated {@code CallPath} of the library throw, by rewriting their bytecode:
 * the only way to have a fault in code that is written not to have any. The annotation is known by
 * its simple name, so that the copy in the agent is found too. What is put into the methods knows
 * the JDK only, so that it works in an agent's class loader.
 */
final class FaultSites implements AutoCloseable {

  /** What an armed method throws. */
  enum Fault {
    RUNTIME,
    STACK_OVERFLOW,
    NO_SUCH_METHOD,
    OUT_OF_MEMORY,
    INTERNAL,
    THREAD_DEATH
  }

  /**
   * An annotated method.
   *
   * @param id class, name and descriptor
   * @param bytes whether only a transport that counts bytes runs it
   * @param quick whether only a call runs it that is over before a reader sees it
   * @param recorded whether it runs only where OpenTelemetry is told how long each call took
   * @param pulled whether it runs only where OpenTelemetry takes the histograms
   */
  record Site(String id, boolean bytes, boolean quick, boolean recorded, boolean pulled) {
    @Override
    public String toString() {
      String name = id.substring(0, id.indexOf('('));
      return id.substring(name.lastIndexOf('.', name.lastIndexOf('.') - 1) + 1);
    }
  }

  private static final String ANNOTATION = ".CallPath";
  private static final String ARMED = "streamgauge.test.fault";
  private static final String ACT = "streamgauge.test.act";
  private static final long HANG_NANOS = TimeUnit.MILLISECONDS.toNanos(25);

  private final Instrumentation instrumentation = ByteBuddyAgent.install();
  private final List<Site> sites;
  private final ResettableClassFileTransformer transformer;
  private final AtomicInteger thrown = new AtomicInteger();

  private volatile Set<Thread> spared = Set.of();

  /** What an armed method does, given its id. */
  private volatile Consumer<String> action = id -> {};

  /** Rewrites those classes that are loaded now. */
  FaultSites(Predicate<Class<?>> ours) {
    Class<?>[] classes =
        Arrays.stream(instrumentation.getAllLoadedClasses())
            .filter(loaded -> ours.test(loaded) && sites(loaded).findAny().isPresent())
            .filter(loaded -> !isOfItsOwn(loaded.getClassLoader()))
            .toArray(Class<?>[]::new);
    sites =
        Arrays.stream(classes)
            .flatMap(FaultSites::sites)
            .distinct() // a class may be loaded more than once
            .sorted(Comparator.comparing(Site::id))
            .toList();
    Consumer<String> act = id -> action.accept(id);
    System.getProperties().put(ACT, act);
    transformer =
        new AgentBuilder.Default()
            .disableClassFormatChanges()
            .ignore(ElementMatchers.none())
            .with(AgentBuilder.RedefinitionStrategy.RETRANSFORMATION)
            .with(AgentBuilder.Listener.StreamWriting.toSystemError().withErrorsOnly())
            .type(ElementMatchers.anyOf(classes), loader -> !isOfItsOwn(loader))
            .transform(
                (builder, type, loader, module, domain) ->
                    builder.visit(Advice.to(Act.class).on(FaultSites::isSite)))
            .installOn(instrumentation);
  }

  /**
   * Whether another test has made that loader. It may be closed by now: the JVM then cannot verify
   * its classes again, and rewrites none of all those it was asked for.
   */
  private static boolean isOfItsOwn(ClassLoader loader) {
    return loader instanceof URLClassLoader;
  }

  private static Stream<Site> sites(Class<?> loaded) {
    String type = loaded.getName();
    return TypeDescription.ForLoadedType.of(loaded).getDeclaredMethods().stream()
        .filter(FaultSites::isSite)
        .map(
            method ->
                new Site(
                    type + '.' + method.getName() + method.getDescriptor(),
                    annotation(method).getValue("bytes").resolve(Boolean.class),
                    annotation(method).getValue("quick").resolve(Boolean.class),
                    annotation(method).getValue("recorded").resolve(Boolean.class),
                    annotation(method).getValue("pulled").resolve(Boolean.class)));
  }

  /** The compiler copies annotations to bridges, which only call the method itself. */
  private static boolean isSite(MethodDescription method) {
    return !method.isSynthetic() && annotation(method) != null;
  }

  private static AnnotationDescription annotation(MethodDescription method) {
    return method.getDeclaredAnnotations().stream()
        .filter(annotation -> annotation.getAnnotationType().getName().endsWith(ANNOTATION))
        .findFirst()
        .orElse(null);
  }

  /** The methods found, by class and name. */
  List<Site> sites() {
    return sites;
  }

  /** From now on the method throws. */
  void arm(Site site, Fault fault) {
    arm(site.id(), id -> fail(id, fault));
  }

  /** From now on the method throws where this thread calls it. */
  void armHere(Site site, Fault fault) {
    Thread here = Thread.currentThread();
    arm(
        site.id(),
        id -> {
          if (Thread.currentThread() == here) {
            fail(id, fault);
          }
        });
  }

  /**
   * From now on each method hangs for a moment, the first time it is called.
   *
   * @return the methods that have hung so far
   */
  Set<String> armToHang() {
    Set<String> hung = ConcurrentHashMap.newKeySet();
    arm(
        "",
        id -> {
          if (hung.add(id)) {
            LockSupport.parkNanos(HANG_NANOS);
          }
        });
    return hung;
  }

  /** The methods that the action calls on this thread. */
  List<Site> calledBy(Runnable work) {
    Thread here = Thread.currentThread();
    Set<String> called = ConcurrentHashMap.newKeySet();
    arm(
        "",
        id -> {
          if (Thread.currentThread() == here) {
            called.add(id);
          }
        });
    try {
      work.run();
    } finally {
      disarm();
    }
    return sites.stream().filter(site -> called.contains(site.id())).toList();
  }

  /**
   * Arms one method, or all.
   *
   * @param id of the method; empty for all of them
   */
  private void arm(String id, Consumer<String> what) {
    action = what;
    System.setProperty(ARMED, id);
  }

  void disarm() {
    System.clearProperty(ARMED);
  }

  /** How often anything was thrown. */
  int thrown() {
    return thrown.get();
  }

  /**
   * The threads that run now throw nothing: a gauge of another test class may not be closed, and
   * its watch comes to armed methods as well.
   */
  void spareThreadsOfOthers() {
    spared = Set.copyOf(Thread.getAllStackTraces().keySet());
  }

  private void fail(String id, Fault fault) {
    Thread here = Thread.currentThread();
    if (here.getName().startsWith("streamgauge-") && spared.contains(here)) {
      return;
    }
    thrown.incrementAndGet();
    String said = "injected into " + id;
    switch (fault) {
      case RUNTIME -> throw new IllegalStateException(said);
      case STACK_OVERFLOW -> throw new StackOverflowError(said);
      case NO_SUCH_METHOD -> throw new NoSuchMethodError(said);
      case OUT_OF_MEMORY -> throw new OutOfMemoryError(said);
      case INTERNAL -> throw new InternalError(said);
      case THREAD_DEATH -> throw new InjectedDeath();
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

  /** Inlined at the entry of every annotated method. */
  static final class Act {

    private Act() {}

    @Advice.OnMethodEnter
    @SuppressWarnings("unchecked")
    static void enter(@Advice.Origin("#t.#m#d") String id) {
      String armed = System.getProperty("streamgauge.test.fault");
      if (armed != null && (armed.isEmpty() || armed.equals(id))) {
        ((Consumer<String>) System.getProperties().get("streamgauge.test.act")).accept(id);
      }
    }
  }
}
