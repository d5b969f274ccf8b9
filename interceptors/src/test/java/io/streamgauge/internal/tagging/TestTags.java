package io.streamgauge.internal.tagging;

import io.streamgauge.gray.GrayTag;
import io.streamgauge.internal.stream.StreamRecorder;

/** Tags of streams, for tests of other packages. */
public final class TestTags {

  private TestTags() {}

  /** Gives the stream a tag. */
  public static void tag(StreamRecorder stream, GrayTag tag) {
    CallTag.made(stream).tag = tag;
  }
}
