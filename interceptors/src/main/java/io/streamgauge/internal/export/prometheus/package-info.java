/** The catalogue in a simpleclient registry. Internal: it may change with each commit. */
package io.streamgauge.internal.export.prometheus;
