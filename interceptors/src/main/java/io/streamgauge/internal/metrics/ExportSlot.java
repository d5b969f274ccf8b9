package io.streamgauge.internal.metrics;

/** Where an exporter keeps what it makes once for a series, such as its attribute sets. */
public interface ExportSlot {}
