package io.streamgauge.internal.tagging;

import io.opentelemetry.api.baggage.Baggage;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import io.streamgauge.gray.GrayTag;
import io.streamgauge.internal.context.CallContext;
import io.streamgauge.internal.guard.CallPath;
import io.streamgauge.internal.stream.StreamRecorder;

/**
 * The tag in OpenTelemetry's context: a baggage entry. Without any class of gRPC's, for propagators
 * live where there is none.
 */
public final class TagContext {

  static final String BAGGAGE_KEY = "gray.tag";
  public static final String BAGGAGE_ENTRY = BAGGAGE_KEY + "=";

  /** Remembers where the tag in the baggage came from. */
  private static final ContextKey<GrayTag> KEY = ContextKey.named("streamgauge-gray-tag");

  private TagContext() {}

  /** The tag in an OpenTelemetry context, or null. */
  @CallPath
  public static GrayTag in(Context context) {
    String value = Baggage.fromContext(context).getEntryValue(BAGGAGE_KEY);
    if (value == null) {
      return null;
    }
    GrayTag known = context.get(KEY);
    if (known != null && known.value().equals(value)) {
      return known;
    }
    return TagSyntax.problem(value) == null ? TagAccess.tag(value, GrayTag.Source.BAGGAGE) : null;
  }

  /** A context in which the tag is current and stands in the baggage. */
  public static Context with(Context context, GrayTag tag) {
    Baggage baggage = Baggage.fromContext(context);
    Context tagged =
        tag.value().equals(baggage.getEntryValue(BAGGAGE_KEY))
            ? context
            : context.with(baggage.toBuilder().put(BAGGAGE_KEY, tag.value()).build());
    return tagged.with(KEY, tag);
  }

  /** The same of a context that may be the one the stream is getting. */
  static Context with(StreamRecorder stream, Context context, GrayTag tag) {
    Baggage baggage = Baggage.fromContext(context);
    Context tagged = context;
    if (!tag.value().equals(baggage.getEntryValue(BAGGAGE_KEY))) {
      Baggage more = baggage.toBuilder().put(BAGGAGE_KEY, tag.value()).build();
      tagged = CallContext.with(stream, context, more);
    }
    return CallContext.with(stream, tagged, KEY, tag);
  }

  /** The context with a tag of that value, which must have been checked. */
  public static Context with(Context context, String value, GrayTag.Source source) {
    return with(context, TagAccess.tag(value, source));
  }

  /** The context without any tag, not even one that is not valid. */
  @CallPath
  public static Context without(Context context) {
    Baggage baggage = Baggage.fromContext(context);
    return baggage.getEntryValue(BAGGAGE_KEY) == null
        ? context
        : context.with(baggage.toBuilder().remove(BAGGAGE_KEY).build());
  }
}
