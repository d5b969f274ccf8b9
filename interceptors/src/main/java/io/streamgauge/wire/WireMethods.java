package io.streamgauge.wire;

import io.grpc.MethodDescriptor;
import io.streamgauge.guard.CallPath;
import io.streamgauge.stream.StreamMethod;
import io.streamgauge.stream.StreamType;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Methods this process really has, by full name. Filled only from method descriptors, never from a
 * name on the wire, and with a ceiling: a proxy that accepts any method must not grow without end.
 */
public final class WireMethods {

  /** Distinct methods remembered; further ones count as {@link StreamMethod#OTHER}. */
  static final int MAX_METHODS = 1_000;

  private final Map<String, StreamMethod> byName = new ConcurrentHashMap<>();
  private final String[] excluded;

  /**
   * @param excluded full service names, or full method names, that are left alone
   */
  public WireMethods(Set<String> excluded) {
    this.excluded = excluded.toArray(new String[0]);
  }

  /** The method of a descriptor; always the same instance for the same name. */
  @CallPath
  public StreamMethod of(MethodDescriptor<?, ?> descriptor) {
    StreamMethod known = byName.get(descriptor.getFullMethodName());
    if (known != null) {
      return known;
    }
    if (byName.size() >= MAX_METHODS) {
      return StreamMethod.OTHER;
    }
    return byName.computeIfAbsent(descriptor.getFullMethodName(), name -> make(descriptor));
  }

  /** The method of a name seen on the wire: known, or {@link StreamMethod#OTHER}. */
  @CallPath
  StreamMethod known(String fullMethodName) {
    return byName.getOrDefault(fullMethodName, StreamMethod.OTHER);
  }

  /** Asked several times a call, so nothing is cut out of the name to look it up. */
  @CallPath
  boolean isExcluded(String fullMethodName) {
    for (String name : excluded) {
      int length = name.length();
      if (fullMethodName.startsWith(name)
          && (fullMethodName.length() == length || isService(fullMethodName, length))) {
        return true;
      }
    }
    return false;
  }

  /** Whether the service's name is that long. */
  private static boolean isService(String fullMethodName, int length) {
    return fullMethodName.lastIndexOf('/') == length;
  }

  private static StreamMethod make(MethodDescriptor<?, ?> descriptor) {
    String service = descriptor.getServiceName();
    String method = descriptor.getBareMethodName();
    return new StreamMethod(
        type(descriptor.getType()),
        service == null ? StreamMethod.OTHER_NAME : service,
        method == null ? StreamMethod.OTHER_NAME : method);
  }

  private static StreamType type(MethodDescriptor.MethodType type) {
    switch (type) {
      case UNARY:
        return StreamType.UNARY;
      case CLIENT_STREAMING:
        return StreamType.CLIENT_STREAM;
      case SERVER_STREAMING:
        return StreamType.SERVER_STREAM;
      default:
        // UNKNOWN behaves as bidirectional: nothing may be assumed about the number of messages.
        return StreamType.BIDI_STREAM;
    }
  }
}
