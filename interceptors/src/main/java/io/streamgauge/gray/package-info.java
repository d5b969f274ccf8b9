/**
 * The gray (canary) tag: what it is, whose word is taken for it, how it travels. Knows no metric
 * and no span.
 */
package io.streamgauge.gray;
