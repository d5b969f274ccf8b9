package io.streamgauge.gray;

import io.grpc.Metadata;

/** Tags calls that come without one, by what they call or bring along. */
public interface GrayRule {

  /**
   * The tag for a call.
   *
   * @param fullMethodName {@code package.Service/Method}
   * @return null for no opinion
   */
  String tag(String fullMethodName, Metadata headers);
}
