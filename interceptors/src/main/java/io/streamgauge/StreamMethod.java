package io.streamgauge;

import java.util.Objects;

/**
 * A method as the numbers know it: three label values, made once and shared by all its streams.
 * Instances are compared by identity.
 */
public final class StreamMethod {

  /** The label value of names that no registered method carries (RPC semantic conventions). */
  public static final String OTHER_NAME = "_OTHER";

  /**
   * Stands for every method the process does not serve, so that a caller cannot grow our series.
   */
  public static final StreamMethod OTHER =
      new StreamMethod(CallType.BIDI_STREAM, OTHER_NAME, OTHER_NAME);

  private final CallType type;
  private final String service;
  private final String method;
  private final String fullName;

  /** Set once, by whichever thread sees the proof first; read when a series is made. */
  private volatile boolean registered;

  public StreamMethod(CallType type, String service, String method) {
    this.type = Objects.requireNonNull(type, "type");
    this.service = Objects.requireNonNull(service, "service");
    this.method = Objects.requireNonNull(method, "method");
    this.fullName = service.equals(OTHER_NAME) ? OTHER_NAME : service + '/' + method;
  }

  public CallType type() {
    return type;
  }

  /** Full service name, for example {@code ordersync.v1.OrderSync}. */
  public String service() {
    return service;
  }

  /** Bare method name, for example {@code SyncOrderStatus}. */
  public String method() {
    return method;
  }

  /**
   * Whether the process is known to have this method: generated code describes it, or it was
   * preregistered. Any other name may have been made up by a caller and passed on by a proxy.
   */
  public boolean isRegistered() {
    return registered;
  }

  /** The process has this method. */
  public void register() {
    registered = true;
  }

  /** {@code service/method}, or {@link #OTHER_NAME}. */
  public String fullName() {
    return fullName;
  }

  @Override
  public String toString() {
    return fullName;
  }
}
