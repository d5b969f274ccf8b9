package io.streamgauge.javaagent.extension;

import static io.opentelemetry.javaagent.extension.matcher.AgentElementMatchers.hasClassesNamed;

import io.opentelemetry.javaagent.extension.instrumentation.InstrumentationModule;
import io.opentelemetry.javaagent.tooling.muzzle.InstrumentationModuleMuzzle;
import io.opentelemetry.javaagent.tooling.muzzle.VirtualFieldMappingsBuilder;
import io.opentelemetry.javaagent.tooling.muzzle.references.ClassRef;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigProperties;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import net.bytebuddy.matcher.ElementMatcher;

/**
 * A module that knows the shape of the grpc classes it hooks, and turns itself off where that is
 * another. Muzzle is written by hand, since there is no Gradle here to generate it; a test has
 * muzzle's own collector check what is written.
 */
abstract class ShapedModule extends InstrumentationModule implements InstrumentationModuleMuzzle {

  private final String name;
  private final String what;
  private final String marker;
  private final List<GrpcShape> shapes;
  private final String hooks;

  /**
   * Makes a module.
   *
   * @param name after {@code streamgauge-}, for {@code otel.instrumentation.<name>.enabled}
   * @param what is lost when the module is off, for the log
   * @param marker a class whose presence means that grpc is there
   * @param hooks class name of its hooks; nested classes and names it begins come with it
   * @param shapes what the hooks rely on
   */
  ShapedModule(String name, String what, String marker, String hooks, List<GrpcShape> shapes) {
    super("streamgauge", "streamgauge-" + name);
    this.name = name;
    this.what = what;
    this.marker = marker;
    this.hooks = hooks;
    this.shapes = shapes;
  }

  List<GrpcShape> shapes() {
    return shapes;
  }

  /** On when attached at all, in every profile; switched off by name. */
  @Override
  public boolean defaultEnabled(ConfigProperties config) {
    return true;
  }

  @Override
  public ElementMatcher.Junction<ClassLoader> classLoaderMatcher() {
    return hasClassesNamed(marker).and(new GrpcShapeMatcher(name, what, marker, shapes));
  }

  @Override
  public boolean isHelperClass(String className) {
    return ExtensionHelpers.isHelper(className);
  }

  @Override
  public Map<String, ClassRef> getMuzzleReferences() {
    return Collections.emptyMap();
  }

  @Override
  public void registerMuzzleVirtualFields(VirtualFieldMappingsBuilder builder) {}

  /**
   * The hooks of this module alone: a helper costs start-up time in each module that lists it. The
   * library comes with {@link BuildersModule}; where that is off, no stream is watched and the
   * hooks find nothing to do.
   */
  @Override
  public List<String> getMuzzleHelperClassNames() {
    return ExtensionHelpers.hooks(hooks);
  }

  /** Newer agents ask; helpers must be where the application's grpc is. */
  public Boolean getMuzzleUseIsolatedHelperClasses() {
    return Boolean.FALSE;
  }
}
