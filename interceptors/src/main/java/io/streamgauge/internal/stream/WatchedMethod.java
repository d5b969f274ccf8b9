package io.streamgauge.internal.stream;

import io.streamgauge.CallSide;
import io.streamgauge.CallType;
import io.streamgauge.StreamMethod;
import java.util.Objects;

/**
 * A method as the numbers know it: three label values, made once and shared by all its streams.
 * Instances are compared by identity.
 */
public final class WatchedMethod implements StreamMethod {

  /**
   * Stands for every method the process does not serve, so that a caller cannot grow our series.
   */
  public static final WatchedMethod OTHER =
      new WatchedMethod(CallType.BIDI_STREAM, OTHER_NAME, OTHER_NAME);

  private final CallType type;
  private final String service;
  private final String method;
  private final String fullName;

  /** Set once, by whichever thread sees the proof first; read when a series is made. */
  private volatile boolean registered;

  /**
   * The kind of the streams that were claimed last and have no series yet. Any thread replaces it;
   * a thread that finds another gauge's makes its own.
   */
  private volatile StreamKind kind;

  public WatchedMethod(CallType type, String service, String method) {
    this.type = Objects.requireNonNull(type, "type");
    this.service = Objects.requireNonNull(service, "service");
    this.method = Objects.requireNonNull(method, "method");
    this.fullName = service.equals(OTHER_NAME) ? OTHER_NAME : service + '/' + method;
  }

  /** The kind of a stream that is claimed for this method and has no series yet. */
  StreamKind kind(CallSide side, StreamEnvironment env) {
    if (this == OTHER) {
      return env.unknown(side); // one for all gauges: it may keep none of them
    }
    StreamKind known = kind;
    if (known == null || known.env != env || known.side != side) {
      known = new StreamKind(side, env, this, null);
      kind = known;
    }
    return known;
  }

  @Override
  public CallType type() {
    return type;
  }

  @Override
  public String service() {
    return service;
  }

  @Override
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

  @Override
  public String fullName() {
    return fullName;
  }

  @Override
  public String toString() {
    return fullName;
  }
}
