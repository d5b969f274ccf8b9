package io.streamgauge.compat;

/** {@code @grpc/grpc-js} with OpenTelemetry's instrumentation for it. */
class NodePeerIT extends PeerContract {

  NodePeerIT() {
    super(Peer.NODE);
  }
}
