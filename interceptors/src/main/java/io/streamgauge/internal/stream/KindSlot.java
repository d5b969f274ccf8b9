package io.streamgauge.internal.stream;

/** Where tracing keeps what all streams of a kind share. */
public interface KindSlot {}
