package io.streamgauge.routing;

import static java.lang.invoke.MethodType.methodType;

import io.grpc.ClientStreamTracer;
import io.grpc.LoadBalancer.PickResult;
import io.grpc.LoadBalancer.Subchannel;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * Copies of a child policy's pick. Methods that {@link PickResult} has had only since later
 * versions than 1.60, which this is compiled against, are looked up once. Any thread.
 */
final class PickResults {

  /** The delay type of gRFC A121 for calls that wait for a connection. */
  private static final String CONNECTING = "connecting";

  private static final MethodType COPY =
      methodType(PickResult.class, PickResult.class, ClientStreamTracer.Factory.class);

  /** In 1.82, not yet in 1.79; null where there is none. */
  private static final MethodHandle COPY_WITH_TRACER =
      method("copyWithStreamTracerFactory", PickResult.class, ClientStreamTracer.Factory.class);

  /** In 1.75, not yet in 1.68; null where there is none. */
  private static final MethodHandle COPY_WITH_AUTHORITY = copyWithAuthority();

  /** In 1.85, not yet in 1.82, as the two that follow; null where there is none. */
  private static final MethodHandle NO_RESULT = factory("withNoResult", String.class, String.class);

  private static final MethodHandle DELAY_TYPE = method("getDelayType", String.class);
  private static final MethodHandle DELAY_REASON = method("getDelayReason", String.class);

  private PickResults() {}

  /** The same connection, and whatever else was picked, with another tracer. */
  static PickResult withTracer(PickResult picked, ClientStreamTracer.Factory tracer) {
    MethodHandle copy = COPY_WITH_TRACER != null ? COPY_WITH_TRACER : COPY_WITH_AUTHORITY;
    if (copy == null) {
      return PickResult.withSubchannel(picked.getSubchannel(), tracer);
    }
    try {
      return (PickResult) copy.invokeExact(picked, tracer);
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  /** A call waits: the lane is put before the child's reason, and the child's type is kept. */
  static PickResult waiting(PickResult picked, String lane) {
    if (NO_RESULT == null || DELAY_TYPE == null || DELAY_REASON == null) {
      return picked;
    }
    try {
      String type = (String) DELAY_TYPE.invokeExact(picked);
      String reason = (String) DELAY_REASON.invokeExact(picked);
      String knownType = type == null ? CONNECTING : type;
      String knownReason = reason == null ? lane : lane + ": " + reason;
      return (PickResult) NO_RESULT.invokeExact(knownType, knownReason);
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  /** Takes the connection and the authority from its first argument. */
  static MethodHandle copyWithAuthority() {
    MethodHandle create =
        factory("withSubchannel", Subchannel.class, ClientStreamTracer.Factory.class, String.class);
    MethodHandle authority = method("getAuthorityOverride", String.class);
    MethodHandle subchannel = method("getSubchannel", Subchannel.class);
    if (create == null || authority == null || subchannel == null) {
      return null;
    }
    MethodHandle ofPicked = MethodHandles.filterArguments(create, 0, subchannel, null, authority);
    return MethodHandles.permuteArguments(ofPicked, COPY, 0, 1, 0);
  }

  private static MethodHandle method(String name, Class<?> returns, Class<?>... takes) {
    try {
      return MethodHandles.publicLookup()
          .findVirtual(PickResult.class, name, methodType(returns, takes));
    } catch (NoSuchMethodException | IllegalAccessException e) {
      return null;
    }
  }

  private static MethodHandle factory(String name, Class<?>... takes) {
    try {
      return MethodHandles.publicLookup()
          .findStatic(PickResult.class, name, methodType(PickResult.class, takes));
    } catch (NoSuchMethodException | IllegalAccessException e) {
      return null;
    }
  }

  private static RuntimeException unchecked(Throwable e) {
    if (e instanceof Error) {
      throw (Error) e;
    }
    return e instanceof RuntimeException ? (RuntimeException) e : new IllegalStateException(e);
  }
}
