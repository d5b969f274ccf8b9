/**
 * Configuration keys, the file that may change at run time, and the assembly of a gauge. Internal:
 * it may change with each commit.
 */
package io.streamgauge.internal.config;
