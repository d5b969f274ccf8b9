/** The calls that are measured, in a process of their own. */
package io.streamgauge.benchmarks.worker;
