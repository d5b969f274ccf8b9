/** The catalogue in a simpleclient registry. */
package io.streamgauge.export.prometheus;
