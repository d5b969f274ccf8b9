package io.streamgauge.internal.sdk;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.resources.Resource;
import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Fields of the SDK's classes, read only in a version whose classes this build knows. */
public final class SdkFields {

  /** Of these versions of the SDK the spans and histograms are compared with ours, part by part. */
  private static final int FIRST_KNOWN_MINOR = 61;

  private static final int LAST_KNOWN_MINOR = 67;

  private static final Pattern VERSION = Pattern.compile("1\\.(\\d{1,3})\\..*");

  /** What {@code GlobalOpenTelemetry} gives, in place of the SDK; the second with the incubator. */
  private static final List<String> HIDING =
      Collections.unmodifiableList(
          Arrays.asList(
              ".GlobalOpenTelemetry$ObfuscatedOpenTelemetry", ".ObfuscatedExtendedOpenTelemetry"));

  private SdkFields() {}

  /**
   * Whether that SDK is a version this build knows.
   *
   * @throws LinkageError if the SDK is not there, or is another one
   */
  public static boolean areKnown() {
    String version =
        Resource.getDefault().getAttribute(AttributeKey.stringKey("telemetry.sdk.version"));
    Matcher parts = VERSION.matcher(version == null ? "" : version);
    if (!parts.matches()) {
      return false;
    }
    int minor = Integer.parseInt(parts.group(1));
    return minor >= FIRST_KNOWN_MINOR && minor <= LAST_KNOWN_MINOR;
  }

  /**
   * The SDK that an OpenTelemetry is, or that {@code GlobalOpenTelemetry} hides; null for any
   * other.
   */
  public static OpenTelemetrySdk sdk(OpenTelemetry openTelemetry)
      throws ReflectiveOperationException {
    String name = openTelemetry.getClass().getName();
    OpenTelemetry shown =
        HIDING.stream().anyMatch(name::endsWith)
            ? (OpenTelemetry) value(openTelemetry, "delegate")
            : openTelemetry;
    return shown instanceof OpenTelemetrySdk ? (OpenTelemetrySdk) shown : null;
  }

  /** A field of that class, which can be read. */
  public static Field field(Class<?> of, String name) throws ReflectiveOperationException {
    Field field = of.getDeclaredField(name);
    field.setAccessible(true);
    return field;
  }

  /**
   * What an object's field has.
   *
   * @throws NoSuchFieldException if that is null, or there is no such field
   */
  public static Object value(Object of, String name) throws ReflectiveOperationException {
    Object value = field(of.getClass(), name).get(of);
    if (value == null) {
      throw new NoSuchFieldException(name + " is null");
    }
    return value;
  }
}
