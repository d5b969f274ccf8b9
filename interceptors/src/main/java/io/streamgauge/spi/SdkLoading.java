package io.streamgauge.spi;

import io.streamgauge.internal.config.GaugeAccess;
import io.streamgauge.internal.config.SdkAccess;

/**
 * For where one class loader has gRPC and this library, and another one the OpenTelemetry SDK: a
 * third one, which sees both, then loads the classes of ours that need both.
 */
public final class SdkLoading {

  private static final String CONFIG = packageOf(SdkAccess.class);

  private static final String INTERNAL = CONFIG.substring(0, CONFIG.lastIndexOf('.') + 1);

  private SdkLoading() {}

  private static String packageOf(Class<?> type) {
    return type.getName().substring(0, type.getName().lastIndexOf('.'));
  }

  /** Whether that loader defines the class itself. */
  public static boolean isDefined(String className) {
    return className.startsWith(INTERNAL)
        && (className.startsWith(CONFIG + ".sdk.")
            || className.startsWith(INTERNAL + "sdk.")
            || className.startsWith(INTERNAL + "export.sdk.")
            || className.startsWith(INTERNAL + "tracing.sdk."));
  }

  /** Whether that loader has the class from the SDK's side. */
  public static boolean isOfSdk(String className) {
    return className.startsWith("io.opentelemetry.sdk.")
        || className.startsWith(INTERNAL + "export.pull.");
  }

  /**
   * Gauges that are built from now on reach the SDK by that class loader.
   *
   * @param histograms whether the SDK may take their histograms when it collects; not where other
   *     gauges tell it of each call
   * @throws ReflectiveOperationException if it cannot load what it should
   * @throws LinkageError likewise
   */
  public static void by(ClassLoader loader, boolean histograms)
      throws ReflectiveOperationException {
    GaugeAccess.sdk(
        Class.forName(CONFIG + ".sdk.KnownSdk", true, loader)
            .asSubclass(SdkAccess.class)
            .getDeclaredConstructor(boolean.class)
            .newInstance(histograms));
  }
}
