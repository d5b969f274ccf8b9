package io.streamgauge.internal.grpc;

import io.grpc.Attributes;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import io.grpc.Status;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.stream.TransportAttempt;
import io.streamgauge.internal.stream.TransportBytes;

/**
 * An attempt of a client call after its first: a retry or a hedge, which counts on its own. It must
 * not throw, as a {@link ClientTracer} must not.
 */
final class RetryTracer extends ClientStreamTracer {

  private static final String SITE = ClientTracer.SITE;

  private final StreamRecorder stream;
  private final TransportAttempt attempt;

  RetryTracer(StreamRecorder stream, TransportAttempt attempt) {
    this.stream = stream;
    this.attempt = attempt;
  }

  TransportBytes bytes() {
    return stream.openBytes(attempt);
  }

  @Override
  public void streamCreated(Attributes transport, Metadata headers) {
    try {
      long now = stream.now();
      attempt.onConnected(CallHooks.of(stream).connectionOf(transport, now), now);
    } catch (Throwable t) {
      stream.guard().swallow(SITE, t);
    }
  }

  @Override
  public void outboundHeaders() {
    try {
      attempt.onHeadersLeft();
    } catch (Throwable t) {
      stream.guard().swallow(SITE, t);
    }
  }

  @Override
  public void outboundMessage(int seqNo) {
    try {
      attempt.onFramed();
    } catch (Throwable t) {
      stream.guard().swallow(SITE, t);
    }
  }

  @Override
  public void inboundMessageRead(int seqNo, long optionalWireSize, long optionalRawSize) {
    try {
      attempt.onArrived();
    } catch (Throwable t) {
      stream.guard().swallow(SITE, t);
    }
  }

  @Override
  public void outboundWireSize(long bytes) {
    try {
      attempt.onWireOut(bytes);
    } catch (Throwable t) {
      stream.guard().swallow(SITE, t);
    }
  }

  @Override
  public void inboundWireSize(long bytes) {
    try {
      attempt.onWireIn(bytes);
    } catch (Throwable t) {
      stream.guard().swallow(SITE, t);
    }
  }

  @Override
  public void streamClosed(Status status) {
    try {
      stream.closeAttempt(attempt, status.getCode().value());
    } catch (Throwable t) {
      stream.guard().swallow(SITE, t);
    }
  }
}
