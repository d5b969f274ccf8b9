/** One call as a span: parent from the headers, one end, totals as attributes. */
package io.streamgauge.internal.tracing;
