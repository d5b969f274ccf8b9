/** Runs workers in turns and says what they cost beside each other. */
package io.streamgauge.benchmarks.runner;
