package io.streamgauge.compat;

/** {@code google.golang.org/grpc} with otelgrpc. */
class GoPeerIT extends PeerContract {

  GoPeerIT() {
    super(Peer.GO);
  }
}
