package io.streamgauge.internal.tagging;

import io.streamgauge.gray.GrayTag;
import io.streamgauge.internal.stream.StreamRecorder;

/** What other packages may ask of the tag of a stream. */
public final class Tags {

  private Tags() {}

  /** The tag of the call; null if it has none. */
  public static GrayTag of(StreamRecorder stream) {
    return CallTag.of(stream).tag;
  }

  /** Client: whether the tag is not to be sent to this peer. */
  public static boolean isKept(StreamRecorder stream) {
    return CallTag.of(stream).keepsTag;
  }
}
