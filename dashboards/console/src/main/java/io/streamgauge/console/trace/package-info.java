/** The viewer's trace part: OTLP in, zipkin's bounded store, zipkin-lens as the page. */
package io.streamgauge.console.trace;
