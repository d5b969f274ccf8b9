package io.streamgauge.internal.config;

import io.streamgauge.Streamgauge;
import java.util.function.Function;

/** What a gauge is made of, for our own modules; {@link Streamgauge} hands the function over. */
public final class GaugeAccess {

  private static volatile Function<Streamgauge, GaugeAssembly> assemblies;

  /** Null for the SDK that this class loader sees. */
  private static volatile SdkAccess sdk;

  private GaugeAccess() {}

  /** Called once, when {@link Streamgauge} is initialised. */
  public static void ofGauge(Function<Streamgauge, GaugeAssembly> assemblyOf) {
    assemblies = assemblyOf;
  }

  /** Gauges that are built from now on ask that of the OpenTelemetry SDK. */
  public static void sdk(SdkAccess access) {
    sdk = access;
  }

  static SdkAccess sdk() {
    return sdk;
  }

  public static GaugeAssembly assembly(Streamgauge gauge) {
    return assemblies.apply(gauge);
  }
}
