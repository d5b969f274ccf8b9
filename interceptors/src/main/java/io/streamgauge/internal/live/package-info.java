/**
 * All streams that are open: the list of them, the stall watch with its causes, the page of them.
 * Internal: it may change with each commit.
 */
package io.streamgauge.internal.live;
