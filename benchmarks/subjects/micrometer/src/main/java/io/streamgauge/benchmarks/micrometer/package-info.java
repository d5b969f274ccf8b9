/** Micrometer. */
package io.streamgauge.benchmarks.micrometer;
