package io.streamgauge.spi;

import java.util.concurrent.Executor;

/**
 * Where hooks inside gRPC tell which bytes wait on one transport stream. Each method has one caller
 * at a time, as gRPC's framer, event loop and deframer have.
 */
public interface BytesHook {

  /** The hooks of the transport are in place. */
  void bindTransport();

  /** What runs something on the transport thread of the stream. */
  void transportThread(Executor thread);

  /** The framer hands bytes to the transport, the five-byte prefix of a message included. */
  void onFramed(int bytes);

  /** The transport has written bytes to the socket. */
  void onWritten(int bytes);

  /** The bytes that have arrived and were not asked for are that many now. */
  void unread(int bytes);
}
