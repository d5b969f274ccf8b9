package io.streamgauge.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Counts the cases of each {@link Gate} and what failed, and leaves a line per gate and class. */
final class GateExtension implements BeforeEachCallback, AfterEachCallback {

  /** Cases and failures of one gate in one class. */
  private record Count(long cases, long failures) {
    Count and(Count more) {
      return new Count(cases + more.cases, failures + more.failures);
    }
  }

  private static final ExtensionContext.Namespace SPACE =
      ExtensionContext.Namespace.create(GateExtension.class);

  @Override
  public void beforeEach(ExtensionContext context) {
    GateCases.take();
  }

  /** After the test's own clean-up, which may look for what was left over. */
  @Override
  public void afterEach(ExtensionContext context) throws IOException {
    boolean failed = context.getExecutionException().isPresent();
    Count count = new Count(GateCases.take(), failed ? 1 : 0);
    Optional<Gate> gate =
        AnnotationSupport.findAnnotation(context.getRequiredTestMethod(), Gate.class)
            .or(() -> AnnotationSupport.findAnnotation(context.getRequiredTestClass(), Gate.class));
    for (String name : gate.map(Gate::value).orElse(new String[0])) {
      write(name, context.getRequiredTestClass(), counts(context).merge(name, count, Count::and));
    }
  }

  /** One map for a class; methods and invocations have contexts below that of their class. */
  @SuppressWarnings("unchecked")
  private static Map<String, Count> counts(ExtensionContext context) {
    return context
        .getRoot()
        .getStore(SPACE)
        .getOrComputeIfAbsent(
            context.getRequiredTestClass(),
            unseen -> new ConcurrentHashMap<String, Count>(),
            Map.class);
  }

  /**
   * Anew after each test: an extension of a method is not told when its class is over. A build that
   * runs a class more than once names each run with {@code gates.run}.
   */
  private static void write(String gate, Class<?> tests, Count count) throws IOException {
    Path folder = Files.createDirectories(Path.of("target", "gates"));
    String name = tests.getName();
    Files.writeString(
        folder.resolve(gate + "-" + name + System.getProperty("gates.run", "") + ".tsv"),
        String.join(
                "\t",
                gate,
                name.substring(name.lastIndexOf('.') + 1),
                String.valueOf(count.cases()),
                String.valueOf(count.failures()),
                LocalDate.now(ZoneOffset.UTC).toString())
            + "\n");
  }
}
