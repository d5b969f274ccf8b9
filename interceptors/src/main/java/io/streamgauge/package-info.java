/** What applications use; begin with {@link io.streamgauge.Streamgauge}. */
package io.streamgauge;
