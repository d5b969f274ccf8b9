/**
 * One call as a span: parent from the headers, one end, totals as attributes. Internal: it may
 * change with each commit.
 */
package io.streamgauge.internal.tracing;
