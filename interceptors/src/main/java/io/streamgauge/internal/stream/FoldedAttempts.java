package io.streamgauge.internal.stream;

/**
 * What the closed attempts of a call came to, but for the first; guarded by {@link
 * TransportAttempts}.
 */
final class FoldedAttempts {

  long framed;
  long arrived;
  long wireOut;
  long wireIn;
  long written;
  long furthestOut;
  boolean transportKnown;
  boolean deframerKnown;

  /** What gRPC never credits back ends with the transport stream. */
  void add(TransportAttempt attempt) {
    framed = Math.max(framed, attempt.framed());
    arrived = Math.max(arrived, attempt.arrived());
    wireOut += attempt.wireOut();
    wireIn += attempt.wireIn();
    furthestOut = Math.max(furthestOut, attempt.wireOut());
    TransportBytes bytes = attempt.bytes;
    if (bytes != null) {
      written += bytes.written();
      transportKnown |= bytes.transport() != StreamRecorder.UNKNOWN;
      deframerKnown |= bytes.deframer() != StreamRecorder.UNKNOWN;
    }
  }
}
