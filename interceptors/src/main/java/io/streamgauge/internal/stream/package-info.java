/** One stream as data, while it lives: the recorder that is written, the view that is read. */
package io.streamgauge.internal.stream;
