package io.streamgauge.internal.grpc;

import io.grpc.CallOptions;
import io.grpc.ClientStreamTracer;
import io.grpc.StreamTracer;
import io.streamgauge.internal.stream.StreamRecorder;
import io.streamgauge.internal.stream.TransportBytes;
import java.util.List;

/** Finds streams by the tracers that gRPC carries for them. */
public final class TracedStreams {

  private TracedStreams() {}

  /**
   * The cell for the bytes that wait on a transport stream.
   *
   * @param tracers of the transport stream
   * @return null if no gauge watches the stream
   */
  public static TransportBytes bytes(List<? extends StreamTracer> tracers) {
    for (StreamTracer tracer : tracers) {
      if (tracer instanceof ClientTracer) {
        return ((ClientTracer) tracer).bytes();
      }
      if (tracer instanceof RetryTracer) {
        return ((RetryTracer) tracer).bytes();
      }
      if (tracer instanceof ServerTracer) {
        return ((ServerTracer) tracer).bytes();
      }
    }
    return null;
  }

  /** The client stream that calls with these options belong to, or null. */
  public static StreamRecorder of(CallOptions options) {
    for (ClientStreamTracer.Factory factory : options.getStreamTracerFactories()) {
      if (factory instanceof ClientTracer.Factory) {
        return ((ClientTracer.Factory) factory).stream;
      }
    }
    return null;
  }

  /** Tells each watched stream of a call how an attempt was routed; false if there is none. */
  public static boolean routed(CallOptions options, String outcome) {
    boolean watched = false;
    for (ClientStreamTracer.Factory factory : options.getStreamTracerFactories()) {
      if (factory instanceof ClientTracer.Factory) {
        ((ClientTracer.Factory) factory).routed(outcome);
        watched = true;
      }
    }
    return watched;
  }
}
