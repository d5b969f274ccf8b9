package io.streamgauge.javaagent.extension;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.javaagent.extension.instrumentation.InstrumentationModule;
import io.opentelemetry.javaagent.extension.instrumentation.TypeInstrumentation;
import io.opentelemetry.javaagent.extension.instrumentation.TypeTransformer;
import io.opentelemetry.javaagent.tooling.muzzle.Mismatch;
import io.opentelemetry.javaagent.tooling.muzzle.ReferenceCollector;
import io.opentelemetry.javaagent.tooling.muzzle.ReferenceMatcher;
import io.opentelemetry.javaagent.tooling.muzzle.VirtualFieldMappingsBuilder;
import io.opentelemetry.javaagent.tooling.muzzle.references.ClassRef;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import net.bytebuddy.agent.builder.AgentBuilder;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.matcher.ElementMatcher;
import net.bytebuddy.pool.TypePool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is written by hand about helpers, virtual fields and grpc's shape, against what muzzle's own
 * collector finds in the compiled advice.
 */
class MuzzleIT {

  private static final Path TARGET = Path.of("target");

  /** The build renames the library's packages; the classes of this test are from before that. */
  private static String relocated(String className) {
    return className.startsWith("io.streamgauge.javaagent.")
        ? className
        : className.replace("io.streamgauge.", "io.streamgauge.javaagent.lib.");
  }

  private static List<ShapedModule> modules() {
    List<ShapedModule> modules = new ArrayList<>();
    ServiceLoader.load(InstrumentationModule.class)
        .forEach(
            module -> {
              if (!(module instanceof PresenceModule)) { // changes no class
                modules.add((ShapedModule) module);
              }
            });
    return modules;
  }

  private static ReferenceCollector collect(ShapedModule module) {
    ReferenceCollector collector =
        new ReferenceCollector(
            name -> name.startsWith("io.streamgauge."), MuzzleIT.class.getClassLoader());
    for (TypeInstrumentation type : module.typeInstrumentations()) {
      type.transform(new AdviceNames(collector::collectReferencesFromAdvice));
    }
    collector.prune();
    return collector;
  }

  @Test
  void thereAreFiveModulesThatChangeClasses() {
    assertThat(modules()).hasSize(5);
  }

  @Test
  void everyHelperTheAdviceReachesIsInTheIndex() throws IOException {
    Set<String> index =
        new LinkedHashSet<>(
            Files.readAllLines(TARGET.resolve("classes/META-INF/streamgauge/helpers.idx")));
    for (ShapedModule module : modules()) {
      List<String> helpers = collect(module).getSortedHelperClasses();
      assertThat(helpers).as(module.toString()).isNotEmpty();
      assertThat(index)
          .containsAll(
              helpers.stream()
                  .filter(MuzzleIT::isForTheApplication)
                  .map(MuzzleIT::relocated)
                  .toList());
    }
  }

  /**
   * Named in code that the agent never runs, as grpc's stubs need not be there, or for a class
   * loader of its own: the application's does not see the agent's SDK.
   */
  private static boolean isForTheApplication(String className) {
    return !className.endsWith("tagging.TaggedObserver")
        && !className.matches(".*\\.internal\\.(\\w+\\.)?sdk\\..*|.*\\.export\\.pull\\..*")
        && !className.endsWith("otel.PulledMetrics");
  }

  /** The index is the library and the hooks, class by class, no more and no less. */
  @Test
  void theIndexIsWhatIsInTheJar() throws IOException {
    Set<String> index =
        Files.readAllLines(TARGET.resolve("classes/META-INF/streamgauge/helpers.idx")).stream()
            .filter(line -> !line.isEmpty())
            .collect(Collectors.toSet());
    try (var jar =
        new java.util.jar.JarFile(TARGET.resolve("streamgauge-javaagent-extension.jar").toFile())) {
      Set<String> inside =
          jar.stream()
              .map(entry -> entry.getName())
              .filter(name -> name.endsWith(".class"))
              .map(name -> name.substring(0, name.length() - 6).replace('/', '.'))
              .filter(ExtensionHelpers::isHelper)
              .filter(MuzzleIT::isForTheApplication)
              // For the agent's own class loader.
              .filter(name -> !name.endsWith("tagging.GrayPropagatorProvider"))
              .collect(Collectors.toSet());
      assertThat(index).isEqualTo(inside);
      assertThat(jar.stream().map(entry -> entry.getName()))
          .noneMatch(name -> name.startsWith("io/streamgauge/internal/"))
          .noneMatch(name -> name.startsWith("com/google/"));
    }
  }

  @Test
  void theVirtualFieldsAreThoseTheHooksLookUp() {
    for (ShapedModule module : modules()) {
      Map<String, String> byHand = new HashMap<>();
      module.registerMuzzleVirtualFields(
          new VirtualFieldMappingsBuilder() {
            @Override
            public VirtualFieldMappingsBuilder register(String typeName, String fieldTypeName) {
              byHand.put(typeName, fieldTypeName);
              return this;
            }
          });
      Map<String, String> found = new HashMap<>();
      collect(module)
          .getVirtualFieldMappings()
          .forEach((type, field) -> found.put(type, relocated(field)));
      // The one that is looked up by name is invisible to the collector.
      found.putIfAbsent(RetryModule.STREAM, ExtensionHelpers.RETRY);
      if (!(module instanceof RetryModule)) {
        found.remove(RetryModule.STREAM);
      }
      assertThat(byHand).as(module.toString()).isEqualTo(found);
    }
  }

  /** Every method and field of grpc that advice, hooks or library use. */
  @ParameterizedTest
  @ValueSource(strings = {"grpc-floor", "grpc-newest"})
  void whatIsUsedOfGrpcIsThere(String grpc) throws IOException {
    try (URLClassLoader loader = grpcLoader(grpc)) {
      for (ShapedModule module : modules()) {
        Map<String, ClassRef> references = new TreeMap<>(collect(module).getReferences());
        references
            .keySet()
            .removeIf(name -> !name.startsWith("io.grpc.") || name.startsWith("io.grpc.stub."));
        assertThat(references).as(module.toString()).isNotEmpty();
        List<Mismatch> mismatches =
            ReferenceMatcher.of(new Collected(module, references))
                .getMismatchedReferenceSources(loader);
        assertThat(mismatches).as("%s on %s", module, grpc).isEmpty();
      }
    }
  }

  /** And the shapes the modules ask for at run time, with which they turn themselves off. */
  @ParameterizedTest
  @ValueSource(strings = {"grpc-floor", "grpc-newest"})
  void theShapesFit(String grpc) throws IOException {
    try (URLClassLoader loader = grpcLoader(grpc)) {
      TypePool pool = TypePool.Default.of(ClassFileLocator.ForClassLoader.of(loader));
      for (ShapedModule module : modules()) {
        for (GrpcShape shape : module.shapes()) {
          assertThat(shape.mismatch(pool)).as("%s on %s", module, grpc).isNull();
        }
      }
    }
  }

  @Test
  void anotherShapeIsSaidInWords() {
    TypePool pool =
        TypePool.Default.of(ClassFileLocator.ForClassLoader.of(MuzzleIT.class.getClassLoader()));
    String core = "io.grpc.internal.AbstractStream$TransportState";

    assertThat(GrpcShape.of(core).method("onSentBytes", "long").mismatch(pool))
        .isEqualTo(core + " has no onSentBytes(long)");
    assertThat(GrpcShape.of(core).field("gone", "int").mismatch(pool))
        .isEqualTo(core + " has no int gone");
    assertThat(GrpcShape.of("io.grpc.internal.Gone").mismatch(pool))
        .isEqualTo("there is no io.grpc.internal.Gone");
  }

  private static URLClassLoader grpcLoader(String grpc) throws IOException {
    try (Stream<Path> jars = Files.list(TARGET.resolve(grpc))) {
      List<URL> urls = new ArrayList<>();
      for (Path jar : jars.toList()) {
        urls.add(jar.toUri().toURL());
      }
      assertThat(urls).isNotEmpty();
      return new URLClassLoader(urls.toArray(new URL[0]), ClassLoader.getPlatformClassLoader());
    }
  }

  /** The module as muzzle would have generated it. */
  private static final class Collected extends InstrumentationModule
      implements io.opentelemetry.javaagent.tooling.muzzle.InstrumentationModuleMuzzle {
    private final ShapedModule module;
    private final Map<String, ClassRef> references;

    Collected(ShapedModule module, Map<String, ClassRef> references) {
      super("collected");
      this.module = module;
      this.references = references;
    }

    @Override
    public List<TypeInstrumentation> typeInstrumentations() {
      return module.typeInstrumentations();
    }

    @Override
    public Map<String, ClassRef> getMuzzleReferences() {
      return references;
    }

    @Override
    public void registerMuzzleVirtualFields(VirtualFieldMappingsBuilder builder) {}

    @Override
    public List<String> getMuzzleHelperClassNames() {
      return List.of();
    }
  }

  /** Hears which advice a type instrumentation applies. */
  private record AdviceNames(java.util.function.Consumer<String> names) implements TypeTransformer {
    @Override
    public void applyAdviceToMethod(
        ElementMatcher<? super MethodDescription> method,
        Function<Advice.WithCustomMapping, Advice.WithCustomMapping> mapping,
        String advice) {
      names.accept(advice);
    }

    @Override
    public void applyAdviceToMethod(
        ElementMatcher<? super MethodDescription> method, String advice) {
      names.accept(advice);
    }

    @Override
    public void applyTransformer(AgentBuilder.Transformer transformer) {}
  }
}
