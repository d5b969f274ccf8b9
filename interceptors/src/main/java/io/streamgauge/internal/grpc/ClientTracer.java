package io.streamgauge.internal.grpc;

import io.grpc.Attributes;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import io.grpc.Status;
import io.streamgauge.internal.stream.LaneEvent;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.stream.TransportBytes;

/**
 * The first attempt of a client call on the wire, which counts in the stream itself; for any other
 * see {@link RetryTracer}. A tracer must not throw: from {@code streamClosed} the call would hang
 * (grpc-java issue 7373).
 */
final class ClientTracer extends ClientStreamTracer {

  static final String SITE = "client.tracer";

  private final StreamRecorder stream;

  private ClientTracer(StreamRecorder stream) {
    this.stream = stream;
  }

  TransportBytes bytes() {
    return stream.openBytes(null);
  }

  @Override
  public void streamCreated(Attributes transport, Metadata headers) {
    try {
      long now = stream.now();
      stream.onConnected(CallHooks.of(stream).connectionOf(transport, now), now);
    } catch (Throwable t) {
      stream.guard().swallow(SITE, t);
    }
  }

  @Override
  public void outboundHeaders() {
    try {
      stream.onHeadersLeft();
    } catch (Throwable t) {
      stream.guard().swallow(SITE, t);
    }
  }

  @Override
  public void outboundMessage(int seqNo) {
    try {
      stream.onFramed();
    } catch (Throwable t) {
      stream.guard().swallow(SITE, t);
    }
  }

  @Override
  public void inboundMessageRead(int seqNo, long optionalWireSize, long optionalRawSize) {
    try {
      stream.onArrived();
    } catch (Throwable t) {
      stream.guard().swallow(SITE, t);
    }
  }

  @Override
  public void outboundWireSize(long bytes) {
    try {
      stream.onWireOut(bytes);
    } catch (Throwable t) {
      stream.guard().swallow(SITE, t);
    }
  }

  @Override
  public void inboundWireSize(long bytes) {
    try {
      stream.onWireIn(bytes);
    } catch (Throwable t) {
      stream.guard().swallow(SITE, t);
    }
  }

  @Override
  public void streamClosed(Status status) {
    try {
      stream.closeFirstAttempt(status.getCode().value());
    } catch (Throwable t) {
      stream.guard().swallow(SITE, t);
    }
  }

  /** One per call; makes a tracer for each attempt. */
  static final class Factory extends ClientStreamTracer.Factory {

    private static final ClientStreamTracer IDLE = new ClientStreamTracer() {};

    final StreamRecorder stream;

    Factory(StreamRecorder stream) {
      this.stream = stream;
    }

    boolean belongsTo(CallHooks hooks) {
      return stream.belongsTo(hooks);
    }

    void routed(String outcome) {
      try {
        stream.laneEvent(LaneEvent.ROUTED, outcome);
      } catch (Throwable t) {
        stream.guard().swallow(SITE, t);
      }
    }

    @Override
    public ClientStreamTracer newClientStreamTracer(
        ClientStreamTracer.StreamInfo info, Metadata headers) {
      try {
        return stream.openFirstAttempt()
            ? new ClientTracer(stream)
            : new RetryTracer(stream, stream.openAttempt());
      } catch (Throwable t) {
        stream.guard().swallow(SITE, t);
        return IDLE;
      }
    }
  }
}
