/** Trace ids and the gray tag in log lines. */
package io.streamgauge.logging;
