package io.streamgauge.internal.metrics;

import io.streamgauge.internal.stream.StatusCodes;

/** gRPC status codes as go-grpc-middleware spells them in {@code grpc_code}. */
public final class CodeLabels {

  private static final String[] NAMES = {
    "OK",
    "Canceled",
    "Unknown",
    "InvalidArgument",
    "DeadlineExceeded",
    "NotFound",
    "AlreadyExists",
    "PermissionDenied",
    "ResourceExhausted",
    "FailedPrecondition",
    "Aborted",
    "OutOfRange",
    "Unimplemented",
    "Internal",
    "Unavailable",
    "DataLoss",
    "Unauthenticated"
  };

  /** How many codes there are; they are numbered from 0. */
  public static final int COUNT = NAMES.length;

  private CodeLabels() {}

  /** The label value of a numeric code; codes outside the specification count as Unknown. */
  public static String name(int code) {
    return NAMES[index(code)];
  }

  /** The name as gRPC itself spells it, for attributes of the semantic conventions. */
  public static String rpcName(int code) {
    return StatusCodes.name(index(code));
  }

  /** The code itself, or that of Unknown for one outside the specification. */
  public static int index(int code) {
    return code >= 0 && code < COUNT ? code : 2;
  }
}
