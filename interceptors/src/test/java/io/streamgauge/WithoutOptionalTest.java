package io.streamgauge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** simpleclient and the OpenTelemetry SDK may both be missing from the user's class path. */
class WithoutOptionalTest {

  @Test
  void theLibraryRunsWithoutSimpleclientAndWithoutTheSdk() throws Exception {
    try (URLClassLoader loader =
        without("simpleclient", "opentelemetry-sdk", "slf4j-api", "logback", "protobuf-java")) {
      assertThatThrownBy(() -> loader.loadClass("io.prometheus.client.CollectorRegistry"))
          .isInstanceOf(ClassNotFoundException.class);
      assertThatThrownBy(() -> loader.loadClass("io.opentelemetry.sdk.OpenTelemetrySdk"))
          .isInstanceOf(ClassNotFoundException.class);

      assertThat(run(loader, WithoutOptionalProgram.class))
          .isEqualTo("hello from a gauge with 1 live stream");
    }
  }

  /** Only grpc-api may be assumed of gRPC. */
  @Test
  void theLibraryRunsWithoutGrpcStub() throws Exception {
    try (URLClassLoader loader = without("grpc-stub", "opentelemetry-sdk")) {
      assertThatThrownBy(() -> loader.loadClass("io.grpc.stub.StreamObserver"))
          .isInstanceOf(ClassNotFoundException.class);

      assertThat(run(loader, WithoutStubProgram.class))
          .isEqualTo("OK, faults 0.0, canary calls 1.0");
    }
  }

  private static Object run(ClassLoader loader, Class<?> program)
      throws ReflectiveOperationException, InvocationTargetException {
    return loader.loadClass(program.getName()).getMethod("run").invoke(null);
  }

  private static URLClassLoader without(String... jars) throws IOException {
    List<URL> urls = new ArrayList<>();
    // Surefire's class path, as this JVM has it.
    String path =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    for (String entry : path.split(java.io.File.pathSeparator)) {
      String name = Path.of(entry).getFileName().toString();
      boolean left = false;
      for (String jar : jars) {
        left |= name.startsWith(jar);
      }
      if (!left) {
        urls.add(Path.of(entry).toUri().toURL());
      }
    }
    return new URLClassLoader(urls.toArray(new URL[0]), ClassLoader.getPlatformClassLoader());
  }
}
