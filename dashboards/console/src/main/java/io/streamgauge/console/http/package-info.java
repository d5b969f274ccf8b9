/** An HTTP server that strangers may ask: hosts, sizes, time and faults are held within limits. */
package io.streamgauge.console.http;
