/**
 * The embedded viewer: {@code /metrics} and {@code /api/streams} of the process it lives in, on the
 * JDK's own HTTP server.
 */
package io.streamgauge.console;
