package io.streamgauge.internal.config;

import io.streamgauge.Streamgauge;
import java.util.function.Function;

/** What a gauge is made of, for our own modules; {@link Streamgauge} hands the function over. */
public final class GaugeAccess {

  private static volatile Function<Streamgauge, GaugeAssembly> assemblies;

  private GaugeAccess() {}

  /** Called once, when {@link Streamgauge} is initialised. */
  public static void ofGauge(Function<Streamgauge, GaugeAssembly> assemblyOf) {
    assemblies = assemblyOf;
  }

  public static GaugeAssembly assembly(Streamgauge gauge) {
    return assemblies.apply(gauge);
  }
}
