package io.streamgauge.internal.grpc;

import io.grpc.Attributes;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import io.grpc.Status;
import io.streamgauge.internal.stream.LaneEvent;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.stream.TransportAttempt;
import io.streamgauge.internal.stream.TransportBytes;

/**
 * One attempt of a client call on the wire. A tracer must not throw: from {@code streamClosed} the
 * call would hang (grpc-java issue 7373).
 */
final class ClientTracer extends ClientStreamTracer {

  static final String SITE = "client.tracer";

  private final CallHooks hooks;
  private final StreamRecorder stream;
  private final TransportAttempt attempt;

  private ClientTracer(CallHooks hooks, StreamRecorder stream) {
    this.hooks = hooks;
    this.stream = stream;
    this.attempt = stream.openAttempt();
  }

  TransportBytes bytes() {
    return stream.openBytes(attempt);
  }

  @Override
  public void streamCreated(Attributes transport, Metadata headers) {
    try {
      hooks.connect(attempt, transport);
    } catch (Throwable t) {
      hooks.guard.swallow(SITE, t);
    }
  }

  @Override
  public void outboundHeaders() {
    try {
      attempt.onHeadersLeft();
    } catch (Throwable t) {
      hooks.guard.swallow(SITE, t);
    }
  }

  @Override
  public void outboundMessage(int seqNo) {
    try {
      attempt.onFramed();
    } catch (Throwable t) {
      hooks.guard.swallow(SITE, t);
    }
  }

  @Override
  public void inboundMessageRead(int seqNo, long optionalWireSize, long optionalRawSize) {
    try {
      attempt.onArrived();
    } catch (Throwable t) {
      hooks.guard.swallow(SITE, t);
    }
  }

  @Override
  public void outboundWireSize(long bytes) {
    try {
      attempt.onWireOut(bytes);
    } catch (Throwable t) {
      hooks.guard.swallow(SITE, t);
    }
  }

  @Override
  public void inboundWireSize(long bytes) {
    try {
      attempt.onWireIn(bytes);
    } catch (Throwable t) {
      hooks.guard.swallow(SITE, t);
    }
  }

  @Override
  public void streamClosed(Status status) {
    try {
      stream.closeAttempt(attempt, status.getCode().value());
    } catch (Throwable t) {
      hooks.guard.swallow(SITE, t);
    }
  }

  /** One per call; makes a tracer for each attempt. */
  static final class Factory extends ClientStreamTracer.Factory {

    private static final ClientStreamTracer IDLE = new ClientStreamTracer() {};

    final StreamRecorder stream;
    private final CallHooks hooks;

    Factory(CallHooks hooks, StreamRecorder stream) {
      this.hooks = hooks;
      this.stream = stream;
    }

    boolean belongsTo(CallHooks other) {
      return hooks == other;
    }

    void routed(String outcome) {
      try {
        stream.laneEvent(LaneEvent.ROUTED, outcome);
      } catch (Throwable t) {
        hooks.guard.swallow(SITE, t);
      }
    }

    @Override
    public ClientStreamTracer newClientStreamTracer(
        ClientStreamTracer.StreamInfo info, Metadata headers) {
      try {
        return new ClientTracer(hooks, stream);
      } catch (Throwable t) {
        hooks.guard.swallow(SITE, t);
        return IDLE;
      }
    }
  }
}
