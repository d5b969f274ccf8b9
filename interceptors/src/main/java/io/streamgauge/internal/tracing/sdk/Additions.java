package io.streamgauge.internal.tracing.sdk;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.sdk.common.internal.AttributesMap;
import io.opentelemetry.sdk.trace.SpanLimits;
import io.opentelemetry.sdk.trace.data.EventData;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.data.StatusData;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What a span has beyond that of a plain call: what the application, a processor or the sampler has
 * added, a trace state, an error, and the attributes of any span that an exporter has read. Its
 * monitor guards it. Under it runs what the SDK runs under its own: of the application's code no
 * more than the iterator of a list that is an attribute's value.
 */
final class Additions {

  final SpanLimits limits;
  final AttributesMap attributes;

  /** Null while the span has the name of its method. */
  String name;

  /** Null for none. */
  List<EventData> events;

  int totalEvents;

  /** Null for none. */
  List<LinkData> links;

  int totalLinks;

  /** Whether what a plain call came to is among the attributes. */
  boolean hasKept;

  StatusData status = StatusData.unset();

  // Written before another thread has the span, or by the one that ends it.

  TraceState state = TraceState.getDefault();
  TraceState parentState = TraceState.getDefault();

  /** Counts the end in the SDK's own metrics; null where it has none. */
  Runnable counted;

  /** While it ends: wall clock less the SDK's clock. */
  long anchor;

  /** Ends the span, and may still change it; null before. */
  Thread ending;

  Additions(SpanLimits limits, AttributesMap start) {
    this.limits = limits;
    attributes = start;
  }

  void put(AttributeKey<?> key, Object value) {
    attributes.put(key, value);
  }

  void add(EventData event) {
    if (events == null) {
      events = new ArrayList<>();
    }
    if (events.size() < limits.getMaxNumberOfEvents()) {
      events.add(event);
    }
    totalEvents++;
  }

  void add(LinkData link) {
    if (links == null) {
      links = new ArrayList<>();
    }
    if (links.size() < limits.getMaxNumberOfLinks()) {
      links.add(link);
    }
    totalLinks++;
  }

  /** OK is final, unset changes nothing, and only an error has a description. */
  void status(StatusCode code, String description) {
    if (status.getStatusCode() != StatusCode.OK && code != StatusCode.UNSET) {
      status = StatusData.create(code, code == StatusCode.ERROR ? description : null);
    }
  }

  List<EventData> eventsNow() {
    return events == null
        ? Collections.emptyList()
        : Collections.unmodifiableList(new ArrayList<>(events));
  }

  List<LinkData> linksNow() {
    return links == null
        ? Collections.emptyList()
        : Collections.unmodifiableList(new ArrayList<>(links));
  }
}
