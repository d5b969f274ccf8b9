/**
 * One stream as data, while it lives: gRPC's callbacks write the recorder; scrapes, pages and the
 * watch read it. Internal: it may change with each commit.
 */
package io.streamgauge.internal.stream;
