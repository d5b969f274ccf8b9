package io.streamgauge.internal.stream;

import io.streamgauge.CallSide;

/** gRPC status codes as the RPC semantic conventions judge and spell them. */
public final class StatusCodes {

  static final int CANCELLED = 1;
  static final int UNKNOWN = 2;

  private static final String[] NAMES = {
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED"
  };

  private StatusCodes() {}

  /** The name of a numeric code, as gRPC spells it. */
  public static String name(int code) {
    return code >= 0 && code < NAMES.length ? NAMES[code] : "UNKNOWN";
  }

  /**
   * Whether the code makes a span an error: any but OK on the client; on the server only those that
   * the server is to blame for (semantic conventions, "gRPC status").
   */
  public static boolean isError(CallSide side, int code) {
    if (side == CallSide.CLIENT) {
      return code != 0;
    }
    switch (code) {
      case 2: // UNKNOWN
      case 4: // DEADLINE_EXCEEDED
      case 12: // UNIMPLEMENTED
      case 13: // INTERNAL
      case 14: // UNAVAILABLE
      case 15: // DATA_LOSS
        return true;
      default:
        return false;
    }
  }
}
