package io.streamgauge.benchmarks.runner;

/**
 * One configuration in one scenario, beside bare in the same run.
 *
 * @param cpu ratio of CPU per operation to bare's: median over bursts and JVMs
 * @param cpuLow lowest of the JVMs
 * @param cpuHigh highest of the JVMs
 * @param bytes bytes per operation above bare's, median over JVMs
 * @param bytesLow lowest of the JVMs
 * @param bytesHigh highest of the JVMs
 * @param nullSpread highest less lowest ratio of bare against bare: what the run can resolve
 */
record BenchRow(
    BenchScenario scenario,
    String config,
    double cpu,
    double cpuLow,
    double cpuHigh,
    double bytes,
    double bytesLow,
    double bytesHigh,
    double nullSpread) {}
