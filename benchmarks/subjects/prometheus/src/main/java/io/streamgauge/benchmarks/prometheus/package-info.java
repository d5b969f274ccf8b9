/** java-grpc-prometheus. */
package io.streamgauge.benchmarks.prometheus;
