package io.streamgauge.internal.tracing.sdk;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.metrics.MeterProvider;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TracerProvider;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.common.Clock;
import io.opentelemetry.sdk.common.internal.ExceptionAttributeResolver;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.IdGenerator;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanLimits;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingDecision;
import io.streamgauge.internal.sdk.SdkFields;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.function.Supplier;

/**
 * What the user has given to a tracer provider of the SDK. The SDK shows its sampler and limits
 * only; the rest is read from its fields, and only in a version whose spans this build reproduces.
 */
final class SdkParts {

  private static final String PACKAGE = "io.opentelemetry.sdk.trace.";

  final Clock clock;

  /** Whether that clock reads {@link System#nanoTime}. */
  final boolean isOnSystemClock;

  final IdGenerator ids;
  final Resource resource;
  final Sampler sampler;
  final SamplerRules rules;
  final SpanProcessor processor;
  final ExceptionAttributeResolver exceptions;

  private final SdkTracerProvider provider;

  /** Whether the provider has been shut down: {@code ()boolean}. */
  private final MethodHandle isShutDown;

  /** Counts a span in the SDK's own metrics: {@code (SpanContext,SamplingDecision)Object}. */
  private final MethodHandle counted;

  private final Supplier<?> meters;

  // What a span of the SDK counts its time from; read of spans that are parents of ours.

  private final Class<?> spans;
  private final MethodHandle clockOf;
  private final MethodHandle sourceOf;
  private final MethodHandle epochOf;
  private final MethodHandle nanosOf;

  /** Null until the first span. Any thread writes it, always the same. */
  private volatile Boolean counts;

  private SdkParts(SdkTracerProvider provider) throws ReflectiveOperationException {
    this.provider = provider;
    Object shared = SdkFields.value(provider, "sharedState");
    clock = (Clock) SdkFields.value(shared, "clock");
    isOnSystemClock = clock == Clock.getDefault();
    ids = (IdGenerator) SdkFields.value(shared, "idGenerator");
    resource = (Resource) SdkFields.value(shared, "resource");
    sampler = (Sampler) SdkFields.value(shared, "sampler");
    rules = SamplerRules.of(sampler);
    processor = (SpanProcessor) SdkFields.value(shared, "activeSpanProcessor");
    exceptions = (ExceptionAttributeResolver) SdkFields.value(shared, "exceptionAttributeResolver");
    isShutDown = bound(shared, "hasBeenShutdown").asType(MethodType.methodType(boolean.class));
    spans = Class.forName(PACKAGE + "SdkSpan", false, provider.getClass().getClassLoader());
    Field spanClock = SdkFields.field(spans, "clock");
    clockOf = getter(spanClock).asType(MethodType.methodType(Object.class, Object.class));
    sourceOf =
        getter(SdkFields.field(spanClock.getType(), "clock"))
            .asType(MethodType.methodType(Object.class, Object.class));
    epochOf = longOf(SdkFields.field(spanClock.getType(), "epochNanos"));
    nanosOf = longOf(SdkFields.field(spanClock.getType(), "nanoTime"));
    Object instrumentation = SdkFields.value(shared, "tracerInstrumentation");
    meters = (Supplier<?>) SdkFields.value(instrumentation, "meterProvider");
    counted =
        bound(instrumentation, "startSpan", SpanContext.class, SamplingDecision.class)
            .asType(MethodType.methodType(Object.class, SpanContext.class, SamplingDecision.class));
  }

  /** The parts of an SDK's tracer provider; null for any other, or one that cannot be read. */
  static SdkParts of(OpenTelemetry openTelemetry) {
    if (!SdkFields.areKnown()) {
      return null;
    }
    try {
      OpenTelemetrySdk sdk = SdkFields.sdk(openTelemetry);
      TracerProvider provider =
          sdk == null ? openTelemetry.getTracerProvider() : sdk.getSdkTracerProvider();
      return provider instanceof SdkTracerProvider
          ? new SdkParts((SdkTracerProvider) provider)
          : null;
    } catch (ReflectiveOperationException | RuntimeException e) {
      return null;
    }
  }

  private static MethodHandle getter(Field field) throws ReflectiveOperationException {
    return MethodHandles.lookup().unreflectGetter(field);
  }

  private static MethodHandle longOf(Field field) throws ReflectiveOperationException {
    return getter(field).asType(MethodType.methodType(long.class, Object.class));
  }

  private static MethodHandle bound(Object of, String name, Class<?>... parameters)
      throws ReflectiveOperationException {
    Method method = of.getClass().getDeclaredMethod(name, parameters);
    method.setAccessible(true);
    return MethodHandles.lookup().unreflect(method).bindTo(of);
  }

  /** The limits of the moment: the user may have given the SDK a source of them. */
  SpanLimits limits() {
    return provider.getSpanLimits();
  }

  /** Whether the SDK itself has made that span, and records it. */
  boolean isOfSdk(Span span) {
    return spans.isInstance(span);
  }

  /**
   * Wall clock less the SDK's clock, as such a span has it; {@link SdkSpans#NONE} if it is of
   * another provider, with another clock.
   */
  long anchor(Span parent) {
    try {
      Object anchored = (Object) clockOf.invokeExact((Object) parent);
      if ((Object) sourceOf.invokeExact(anchored) != clock) {
        return SdkSpans.NONE;
      }
      return (long) epochOf.invokeExact(anchored) - (long) nanosOf.invokeExact(anchored);
    } catch (Throwable t) {
      throw new IllegalStateException(t);
    }
  }

  /** Whether the provider has been shut down: it makes no spans any more. */
  boolean isShutDown() {
    try {
      return (boolean) isShutDown.invokeExact();
    } catch (Throwable t) {
      throw new IllegalStateException(t);
    }
  }

  /**
   * Counts a span among the SDK's own metrics.
   *
   * @return what is to run when the span ends; null where the SDK keeps no such metrics
   */
  Runnable counted(SpanContext parent, SamplingDecision decision) {
    if (!counts()) {
      return null;
    }
    try {
      return (Runnable) counted.invokeExact(parent, decision);
    } catch (Throwable t) {
      throw new IllegalStateException(t);
    }
  }

  /** Asked with the first span, as the SDK does: the meter provider may be made after this one. */
  private boolean counts() {
    Boolean known = counts;
    if (known == null) {
      known = meters.get() != MeterProvider.noop();
      counts = known;
    }
    return known;
  }
}
