package io.streamgauge;

/**
 * An open stream at one moment, immutable. Depths are messages; {@link #UNKNOWN} marks a depth that
 * what is installed cannot know, which is not the same as 0. Implemented by Streamgauge only.
 */
public interface StreamSnapshot {

  /** A depth that cannot be known with what is installed. */
  long UNKNOWN = -1;

  /** Number of the stream within this process and gauge; never a label. */
  long id();

  /** Which end of the call this process is. */
  CallSide side();

  /** What is called. */
  StreamMethod method();

  /** The raw gray tag of the call; {@code baseline} without one. */
  String lane();

  /** Time since the stream was born, nanoseconds. */
  long ageNanos();

  /** Messages the application has sent. */
  long sent();

  /** Messages delivered to the application. */
  long received();

  /** Client: messages waiting for a name or a connection. */
  long connectDepth();

  /**
   * Client: messages in a transport stream whose headers have not left, as at the peer's limit of
   * concurrent streams.
   */
  long limitDepth();

  /** Messages parsed and waiting for the application's thread. */
  long executorDepth();

  /** Messages inside the application's callback: 0 or 1. */
  long handlerDepth();

  /** Messages in the queues the application registered. */
  long applicationDepth();

  /** Bytes framed and not written to the socket yet; known under the agent only. */
  long transportBytes();

  /** Bytes that have arrived and the application has not asked for; known under the agent only. */
  long deframerBytes();

  /** Client: bytes gRPC keeps in case it must send again; known under the agent only. */
  long retryBytes();

  /** Time since the watch saw a counter move, nanoseconds; it looks once a second. */
  long idleNanos();

  /** Messages asked for and not delivered yet. */
  long demand();

  /** Whether the stream is not writable while writes are pending. */
  boolean notReady();

  /** Time not writable with writes pending, nanoseconds. */
  long blockedNanos();

  /** Bytes framed for the wire; {@link #UNKNOWN} on transports that have none. */
  long wireBytesOut();

  /** Bytes read from the wire; {@link #UNKNOWN} on transports that have none. */
  long wireBytesIn();

  /** Why the stream stands still, or null while it does not. */
  StallCause cause();

  /** 32 hex digits, or null. */
  String traceId();

  /** 16 hex digits, or null. */
  String spanId();

  /** Whether the trace is recorded; a link to one that is not shows nothing. */
  boolean sampled();
}
