/** The catalogue in a simpleclient registry. */
package io.streamgauge.internal.export.prometheus;
