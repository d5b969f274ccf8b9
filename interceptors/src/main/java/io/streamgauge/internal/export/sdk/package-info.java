/** What a gauge gives to the metrics of the SDK. Internal: it may change with each commit. */
package io.streamgauge.internal.export.sdk;
