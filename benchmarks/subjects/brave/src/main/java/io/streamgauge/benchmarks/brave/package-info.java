/** Brave. */
package io.streamgauge.benchmarks.brave;
