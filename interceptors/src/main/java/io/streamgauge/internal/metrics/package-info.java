/**
 * Many streams as numbers: one catalogue of metrics, bounded series, snapshots for the exporters.
 */
package io.streamgauge.internal.metrics;
