/** Streamgauge in the sizes that are measured. */
package io.streamgauge.benchmarks.ours;
