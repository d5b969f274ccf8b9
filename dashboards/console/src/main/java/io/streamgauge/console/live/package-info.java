/** The live page: one sampler, its history, and who listens. */
package io.streamgauge.console.live;
