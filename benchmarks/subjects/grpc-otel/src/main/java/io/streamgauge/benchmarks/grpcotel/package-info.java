/** grpc-java's own OpenTelemetry plugin. */
package io.streamgauge.benchmarks.grpcotel;
