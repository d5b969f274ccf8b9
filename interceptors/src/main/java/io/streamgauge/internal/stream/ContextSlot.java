package io.streamgauge.internal.stream;

/** Where the contexts of a stream's callbacks and measurements are kept. */
public interface ContextSlot {}
