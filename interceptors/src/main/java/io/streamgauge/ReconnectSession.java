package io.streamgauge;

/**
 * What ties the streams of one client together that follow each other: pass the same one to each
 * call, and each new stream's span is linked to the one before. For one client at a time; several
 * threads may use it, one call after the other. Made by {@link Streamgauge#session}; implemented by
 * Streamgauge only.
 */
public interface ReconnectSession {}
