/**
 * The gray (canary) tag of a call or message: by which rules it is found, how headers and contexts
 * carry it. Knows no metric and no span. Internal: it may change with each commit.
 */
package io.streamgauge.internal.tagging;
