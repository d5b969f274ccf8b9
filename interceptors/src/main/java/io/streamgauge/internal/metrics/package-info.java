/**
 * Many streams as numbers: one catalogue of metrics, bounded series, snapshots for the exporters.
 * Internal: it may change with each commit.
 */
package io.streamgauge.internal.metrics;
