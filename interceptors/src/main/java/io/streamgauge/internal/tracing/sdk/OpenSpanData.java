package io.streamgauge.internal.tracing.sdk;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.sdk.trace.data.DelegatingSpanData;
import io.opentelemetry.sdk.trace.data.EventData;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.data.StatusData;
import java.util.List;

/** A span as it was before its end. */
final class OpenSpanData extends DelegatingSpanData {

  private final String name;
  private final Attributes attributes;
  private final int totalAttributes;
  private final List<EventData> events;
  private final int totalEvents;
  private final List<LinkData> links;
  private final int totalLinks;
  private final StatusData status;
  private final long endEpochNanos;

  OpenSpanData(RecordedSpan span) {
    super(span);
    name = span.getName();
    attributes = span.getAttributes();
    totalAttributes = span.getTotalAttributeCount();
    events = span.getEvents();
    totalEvents = span.getTotalRecordedEvents();
    links = span.getLinks();
    totalLinks = span.getTotalRecordedLinks();
    status = span.getStatus();
    endEpochNanos = span.getEndEpochNanos();
  }

  @Override
  public String getName() {
    return name;
  }

  @Override
  public Attributes getAttributes() {
    return attributes;
  }

  @Override
  public int getTotalAttributeCount() {
    return totalAttributes;
  }

  @Override
  public List<EventData> getEvents() {
    return events;
  }

  @Override
  public int getTotalRecordedEvents() {
    return totalEvents;
  }

  @Override
  public List<LinkData> getLinks() {
    return links;
  }

  @Override
  public int getTotalRecordedLinks() {
    return totalLinks;
  }

  @Override
  public StatusData getStatus() {
    return status;
  }

  @Override
  public long getEndEpochNanos() {
    return endEpochNanos;
  }

  @Override
  public boolean hasEnded() {
    return false;
  }
}
