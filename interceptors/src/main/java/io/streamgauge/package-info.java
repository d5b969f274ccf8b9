/** The door: everything a user of the library calls is {@link io.streamgauge.Streamgauge}. */
package io.streamgauge;
