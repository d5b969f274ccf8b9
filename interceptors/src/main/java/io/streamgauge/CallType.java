package io.streamgauge;

/** The four call kinds of gRPC, spelled as go-grpc-middleware spells them in {@code grpc_type}. */
public enum CallType {
  UNARY("unary", false, false),
  CLIENT_STREAM("client_stream", true, false),
  SERVER_STREAM("server_stream", false, true),
  BIDI_STREAM("bidi_stream", true, true);

  private final String label;
  private final boolean requests;
  private final boolean responses;

  CallType(String label, boolean requests, boolean responses) {
    this.label = label;
    this.requests = requests;
    this.responses = responses;
  }

  /** The value of the {@code grpc_type} label. */
  public String label() {
    return label;
  }

  /** Whether {@code side} may receive more than one message. */
  public boolean streamsInbound(CallSide side) {
    return side == CallSide.SERVER ? requests : responses;
  }

  /** Whether {@code side} may send more than one message. */
  public boolean streamsOutbound(CallSide side) {
    return side == CallSide.SERVER ? responses : requests;
  }
}
