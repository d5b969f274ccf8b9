/**
 * The gray (canary) tag as applications know it: the tag, the one that is current, the rules for
 * it, and a propagator for other protocols than gRPC.
 */
package io.streamgauge.gray;
