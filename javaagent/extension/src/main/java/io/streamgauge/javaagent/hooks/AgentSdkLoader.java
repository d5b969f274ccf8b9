package io.streamgauge.javaagent.hooks;

import io.streamgauge.spi.SdkLoading;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Sees both the application's gRPC and the agent's OpenTelemetry SDK, and loads what needs both:
 * spans without the SDK's builder, and histograms that the SDK takes when it collects. Without it
 * calls go by OpenTelemetry's API, and cost more.
 */
final class AgentSdkLoader extends ClassLoader {

  private static final Logger logger = Logger.getLogger("io.streamgauge");

  static {
    registerAsParallelCapable();
  }

  /** Of the agent's extensions, above which is the agent's own. */
  private final ClassLoader extensions;

  private AgentSdkLoader(ClassLoader application, ClassLoader extensions) {
    super(application);
    this.extensions = extensions;
  }

  /**
   * For the gauges of this class loader that are built from now on.
   *
   * @param isLibraryThere whether the application may have gauges of its own: theirs tell the
   *     agent's SDK of each call, so ours do too
   */
  static void use(boolean isLibraryThere) {
    try {
      // By name: the class is the agent's own, and none that an extension may count on.
      ClassLoader extensions =
          (ClassLoader)
              Class.forName("io.opentelemetry.javaagent.bootstrap.AgentInitializer", true, null)
                  .getMethod("getExtensionsClassLoader")
                  .invoke(null);
      ClassLoader application = AgentSdkLoader.class.getClassLoader();
      SdkLoading.by(new AgentSdkLoader(application, extensions), !isLibraryThere);
    } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
      logger.log(Level.FINE, "Streamgauge: the agent''s SDK is out of reach", e);
    }
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (SdkLoading.isOfSdk(name)) {
      return extensions.loadClass(name);
    }
    if (!SdkLoading.isDefined(name)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> known = findLoadedClass(name);
      return known == null ? define(name) : known;
    }
  }

  private Class<?> define(String name) throws ClassNotFoundException {
    // As the agent's loader gives them, with its own name for OpenTelemetry's API.
    try (InputStream in = extensions.getResourceAsStream(name.replace('.', '/') + ".class")) {
      if (in == null) {
        throw new ClassNotFoundException(name);
      }
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      byte[] buffer = new byte[8192];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        bytes.write(buffer, 0, read);
      }
      return defineClass(name, bytes.toByteArray(), 0, bytes.size());
    } catch (IOException e) {
      throw new ClassNotFoundException(name, e);
    }
  }
}
