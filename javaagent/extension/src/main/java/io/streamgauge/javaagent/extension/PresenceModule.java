package io.streamgauge.javaagent.extension;

import static net.bytebuddy.matcher.ElementMatchers.nameEndsWith;
import static net.bytebuddy.matcher.ElementMatchers.named;

import io.opentelemetry.javaagent.extension.instrumentation.InstrumentationModule;
import io.opentelemetry.javaagent.extension.instrumentation.TypeInstrumentation;
import io.opentelemetry.javaagent.extension.instrumentation.TypeTransformer;
import io.opentelemetry.javaagent.tooling.muzzle.InstrumentationModuleMuzzle;
import io.opentelemetry.javaagent.tooling.muzzle.VirtualFieldMappingsBuilder;
import io.opentelemetry.javaagent.tooling.muzzle.references.ClassRef;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigProperties;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.matcher.ElementMatcher;

/**
 * Changes no class: it sees that a process uses gRPC, for {@link GrpcPresence} to say so where none
 * of the hooks finds anything to hook.
 */
public final class PresenceModule extends InstrumentationModule
    implements InstrumentationModuleMuzzle {

  private static final String DESCRIPTOR = "io.grpc.MethodDescriptor";

  public PresenceModule() {
    super("streamgauge", "streamgauge-presence");
  }

  @Override
  public boolean defaultEnabled(ConfigProperties config) {
    return true;
  }

  @Override
  public List<TypeInstrumentation> typeInstrumentations() {
    return Collections.singletonList(
        new TypeInstrumentation() {
          @Override
          public ElementMatcher<TypeDescription> typeMatcher() {
            return named(DESCRIPTOR)
                .or(nameEndsWith("." + DESCRIPTOR))
                .and(
                    type -> {
                      String name = type.getName();
                      GrpcPresence.used(
                          name.substring(0, name.length() - ".MethodDescriptor".length()));
                      return false;
                    });
          }

          @Override
          public void transform(TypeTransformer transformer) {}
        });
  }

  @Override
  public Map<String, ClassRef> getMuzzleReferences() {
    return Collections.emptyMap();
  }

  @Override
  public void registerMuzzleVirtualFields(VirtualFieldMappingsBuilder builder) {}

  @Override
  public List<String> getMuzzleHelperClassNames() {
    return Collections.emptyList();
  }
}
