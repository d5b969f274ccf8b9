package io.streamgauge.internal.grpc;

import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.streamgauge.internal.stream.StreamRecorder;

/** Port: reads or writes the headers of a call at its start. What it throws is swallowed. */
public interface HeaderPort {

  /**
   * A client call is about to be made; what the stream's context becomes is current while the
   * interceptors below ours are asked for it.
   */
  void clientCall(StreamRecorder stream);

  /** A server call has arrived; {@code headers} are the caller's. */
  void serverHeaders(StreamRecorder stream, Metadata headers, ServerCall<?, ?> call);

  /** Asked after {@link #serverHeaders}: why the call is refused, or null. */
  String refusal(StreamRecorder stream);

  /**
   * A client call is about to start; what is put into {@code headers} is sent.
   *
   * @param authority of the channel, or null if it has none
   * @param none whether the application gave the call no headers
   */
  void clientHeaders(
      StreamRecorder stream, Metadata headers, CallOptions options, String authority, boolean none);

  /**
   * A server stream has ended before an interceptor saw it: its executor never ran it, or the
   * caller was faster. No call exists that could be asked.
   */
  void unstartedHeaders(StreamRecorder stream, Metadata headers);
}
