package io.streamgauge;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.testkit.fixture.Gate;
import io.streamgauge.testkit.fixture.UnitTest;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;

/** Tests that run on several threads at a time share nothing that changes. */
class UnitTestRulesTest {

  private static final Path CLASSES = Path.of("target", "test-classes");

  /** What a static field of a unit test, or of what it is made from, may be. */
  private static final Set<String> IMMUTABLE =
      Set.of(
          "java.lang.String",
          "java.nio.file.Path",
          "io.grpc.Metadata$Key",
          "io.opentelemetry.api.common.AttributeKey",
          "io.opentelemetry.context.ContextKey",
          "io.opentelemetry.context.propagation.TextMapGetter",
          "io.streamgauge.gray.GrayTag",
          "io.streamgauge.internal.stream.WatchedMethod");

  private static List<Class<?>> unitTests() throws IOException {
    try (Stream<Path> files = Files.walk(CLASSES)) {
      List<Class<?>> found = new ArrayList<>();
      for (Path file : files.filter(path -> path.toString().endsWith(".class")).toList()) {
        String path = CLASSES.relativize(file).toString();
        String name = path.substring(0, path.length() - ".class".length()).replace('/', '.');
        Class<?> type = load(name);
        if (AnnotationSupport.isAnnotated(outermost(type), UnitTest.class)
            || name.startsWith("io.streamgauge.internal.stream.TestStreams")
            || name.startsWith("io.streamgauge.internal.metrics.TestTable")) {
          found.add(type);
        }
      }
      return found;
    }
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(name, false, UnitTestRulesTest.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Class<?> outermost(Class<?> type) {
    Class<?> outer = type;
    while (outer.getEnclosingClass() != null) {
      outer = outer.getEnclosingClass();
    }
    return outer;
  }

  private static boolean isImmutable(Field field) {
    Class<?> type = field.getType();
    return Modifier.isFinal(field.getModifiers())
        && (type.isPrimitive() || type.isEnum() || IMMUTABLE.contains(type.getName()));
  }

  @Test
  void noStaticFieldOfAUnitTestCanChange() throws IOException {
    List<Class<?>> types = unitTests();
    assertThat(types).hasSizeGreaterThan(30);
    for (Class<?> type : types) {
      for (Field field : type.getDeclaredFields()) {
        if (Modifier.isStatic(field.getModifiers()) && !field.isSynthetic()) {
          assertThat(isImmutable(field)).as("%s", field).isTrue();
        }
      }
    }
  }

  /** The cases of a gate are counted for the one test that runs. */
  @Test
  void noUnitTestProvesAGate() throws IOException {
    assertThat(unitTests())
        .allSatisfy(
            type -> {
              assertThat(AnnotationSupport.isAnnotated(type, Gate.class)).isFalse();
              assertThat(
                      AnnotationSupport.findAnnotatedMethods(
                          type, Gate.class, HierarchyTraversalMode.TOP_DOWN))
                  .isEmpty();
            });
  }
}
