package io.streamgauge;

/** The method a stream calls. Implemented by Streamgauge only. */
public interface StreamMethod {

  /**
   * Service and method of a call whose name is not known to the process, or that is beyond the
   * limit of series: such a name may have been made up by a caller (RPC semantic conventions,
   * {@code rpc.method}).
   */
  String OTHER_NAME = "_OTHER";

  /** The kind of the call; {@link CallType#BIDI_STREAM} where it is not known. */
  CallType type();

  /** Full service name, for example {@code ordersync.v1.OrderSync}. */
  String service();

  /** Bare method name, for example {@code SyncOrderStatus}. */
  String method();

  /** {@code service/method}, or {@link #OTHER_NAME}. */
  String fullName();
}
