package io.streamgauge.gray;

import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.context.propagation.TextMapSetter;
import io.streamgauge.internal.tagging.TagContext;
import io.streamgauge.internal.tagging.TagRules;
import io.streamgauge.internal.tagging.TagSyntax;
import java.util.Collection;
import java.util.Collections;
import java.util.Locale;

/**
 * Carries the tag over whatever OpenTelemetry instruments: HTTP, messaging. For gRPC the
 * interceptors do it. Name it last ({@code otel.propagators=tracecontext,baggage,gray}): it writes
 * the header, baggage writes the entry, and what it reads wins over the entry.
 *
 * <p>A propagator does not know who calls, so with an ingress other than trusted it reads nothing
 * and takes the entry away.
 */
public final class GrayPropagator implements TextMapPropagator {

  private static final GrayPropagator INSTANCE =
      new GrayPropagator(TagRules.HEADER, GrayIngress.TRUSTED);

  private final String header;
  private final GrayIngress ingress;

  private GrayPropagator(String header, GrayIngress ingress) {
    this.header = header;
    this.ingress = ingress;
  }

  /** With the header {@code x-env-tag}, trusting what it reads. */
  public static GrayPropagator getInstance() {
    return INSTANCE;
  }

  /** With another header, or for a process that strangers call. */
  public static GrayPropagator create(String header, GrayIngress ingress) {
    return new GrayPropagator(header.toLowerCase(Locale.ROOT), ingress);
  }

  @Override
  public Collection<String> fields() {
    return Collections.singletonList(header);
  }

  @Override
  public <C> void inject(Context context, C carrier, TextMapSetter<C> setter) {
    GrayTag tag = context == null ? null : TagContext.in(context);
    if (tag != null && setter != null) {
      setter.set(carrier, header, tag.value());
    }
  }

  @Override
  public <C> Context extract(Context context, C carrier, TextMapGetter<C> getter) {
    if (context == null || getter == null) {
      return context == null ? Context.root() : context;
    }
    if (ingress != GrayIngress.TRUSTED) {
      return TagContext.without(context);
    }
    String value = getter.get(carrier, header);
    if (value != null && TagSyntax.problem(value) == null) {
      return TagContext.with(context, value, GrayTag.Source.HEADER);
    }
    return TagContext.in(context) == null ? TagContext.without(context) : context;
  }

  @Override
  public String toString() {
    return "GrayPropagator{header=" + header + ", ingress=" + ingress + "}";
  }
}
