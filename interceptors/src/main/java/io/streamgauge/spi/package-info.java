/**
 * What the other modules of Streamgauge use: the balancer of {@code routing}, the console and the
 * agent. It may change with each release; applications use the other public packages.
 */
package io.streamgauge.spi;
