package io.streamgauge.internal.stream;

/** Where tagging keeps its state of a stream. */
public interface TagSlot {}
