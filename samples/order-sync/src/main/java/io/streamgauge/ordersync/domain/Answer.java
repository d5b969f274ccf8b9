package io.streamgauge.ordersync.domain;

/**
 * What the store says to an update.
 *
 * @param verdict what became of it
 * @param fresh false if it had been answered before and this is the same answer again
 * @param watermark highest sequence of its client up to which all is answered for good
 */
public record Answer(Verdict verdict, boolean fresh, long watermark) {}
