package io.streamgauge.compat;

/** {@code grpcio} with opentelemetry-instrumentation-grpc. */
class PythonPeerIT extends PeerContract {

  PythonPeerIT() {
    super(Peer.PYTHON);
  }
}
