package io.streamgauge.javaagent.extension;

import static io.opentelemetry.javaagent.extension.matcher.AgentElementMatchers.hasClassesNamed;

import io.opentelemetry.javaagent.extension.instrumentation.InstrumentationModule;
import io.opentelemetry.javaagent.extension.instrumentation.TypeInstrumentation;
import io.opentelemetry.javaagent.tooling.muzzle.InstrumentationModuleMuzzle;
import io.opentelemetry.javaagent.tooling.muzzle.VirtualFieldMappingsBuilder;
import io.opentelemetry.javaagent.tooling.muzzle.references.ClassRef;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import net.bytebuddy.matcher.ElementMatcher;

/** Attaches the library to every server and channel that is built. */
public final class BuildersModule extends InstrumentationModule
    implements InstrumentationModuleMuzzle {

  public BuildersModule() {
    super("streamgauge", "streamgauge-builders");
  }

  /** The built-in grpc instrumentation, where it is on, is to be outside of ours. */
  @Override
  public int order() {
    return 1;
  }

  @Override
  public ElementMatcher.Junction<ClassLoader> classLoaderMatcher() {
    return hasClassesNamed(
        "io.grpc.internal.ServerImplBuilder", "io.grpc.internal.ManagedChannelImplBuilder");
  }

  @Override
  public boolean isHelperClass(String className) {
    return ExtensionHelpers.isHelper(className);
  }

  @Override
  public List<TypeInstrumentation> typeInstrumentations() {
    return Arrays.asList(new ServerBuilderType(), new ChannelBuilderType());
  }

  // ---- muzzle by hand: there is no Gradle here to generate it ----------------------------------

  @Override
  public Map<String, ClassRef> getMuzzleReferences() {
    return Collections.emptyMap();
  }

  @Override
  public void registerMuzzleVirtualFields(VirtualFieldMappingsBuilder builder) {}

  @Override
  public List<String> getMuzzleHelperClassNames() {
    return ExtensionHelpers.names();
  }

  /** Newer agents ask; helpers must be where the application's grpc is. */
  public Boolean getMuzzleUseIsolatedHelperClasses() {
    return Boolean.FALSE;
  }
}
