/**
 * Faults of the toolkit never reach the call: hooks run guarded, what is swallowed is tallied, and
 * time is an interface. Internal: it may change with each commit.
 */
package io.streamgauge.internal.guard;
