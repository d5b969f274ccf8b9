/** What the hooked code calls: defined in the application's class loader, beside its grpc. */
package io.streamgauge.javaagent.hooks;
