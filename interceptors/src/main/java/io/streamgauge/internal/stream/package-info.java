/**
 * One stream as data, while it lives: the recorder that is written, the view that is read.
 * Internal: it may change with each commit.
 */
package io.streamgauge.internal.stream;
