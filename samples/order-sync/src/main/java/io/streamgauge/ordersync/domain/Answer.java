package io.streamgauge.ordersync.domain;

/**
 * What the store says to an update.
 *
 * @param verdict what became of it
 * @param fresh false if it had been answered before and this is the same answer again
 */
public record Answer(Verdict verdict, boolean fresh) {}
