package io.streamgauge.internal.grpc;

import io.grpc.MethodDescriptor;
import io.streamgauge.CallType;
import io.streamgauge.internal.guard.CallPath;
import io.streamgauge.internal.stream.WatchedMethod;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Methods this process really has, by full name. Filled only from method descriptors, never from a
 * name on the hooks, and with a ceiling: a proxy that accepts any method must not grow without end.
 */
public final class Methods {

  /** Distinct methods remembered; further ones count as {@link WatchedMethod#OTHER}. */
  static final int MAX_METHODS = 1_000;

  /**
   * Of these, methods that no generated code describes: names that a fallback registry or a proxy
   * takes over from its callers must not use up the room of those the process has.
   */
  static final int MAX_UNREGISTERED = 100;

  /** Guarded by this. */
  private int unregistered;

  private final Map<String, WatchedMethod> byName = new ConcurrentHashMap<>();
  private final String[] excluded;

  /** Which of them have left a call alone; any thread writes true. */
  private final boolean[] matched;

  /**
   * @param excluded full service names, or full method names, that are left alone
   */
  public Methods(Set<String> excluded) {
    this.excluded = excluded.toArray(new String[0]);
    this.matched = new boolean[this.excluded.length];
  }

  /** The method of a descriptor; always the same instance for the same name. */
  @CallPath
  public WatchedMethod of(MethodDescriptor<?, ?> descriptor) {
    WatchedMethod known = byName.get(descriptor.getFullMethodName());
    if (known == null) {
      return add(descriptor, isGenerated(descriptor));
    }
    if (!known.isRegistered() && isGenerated(descriptor)) {
      register(known);
    }
    return known;
  }

  /** The method of a descriptor that the application has named itself. */
  public WatchedMethod register(MethodDescriptor<?, ?> descriptor) {
    WatchedMethod known = byName.get(descriptor.getFullMethodName());
    if (known == null) {
      return add(descriptor, true);
    }
    if (!known.isRegistered()) {
      register(known);
    }
    return known;
  }

  private synchronized void register(WatchedMethod known) {
    if (!known.isRegistered()) {
      known.register();
      unregistered--;
    }
  }

  private synchronized WatchedMethod add(MethodDescriptor<?, ?> descriptor, boolean registered) {
    WatchedMethod raced = byName.get(descriptor.getFullMethodName());
    if (raced != null) {
      return raced;
    }
    int taken = unregistered;
    boolean room =
        registered
            ? byName.size() - taken < MAX_METHODS - MAX_UNREGISTERED
            : taken < MAX_UNREGISTERED;
    if (!room) {
      return WatchedMethod.OTHER;
    }
    WatchedMethod made = make(descriptor);
    if (registered) {
      made.register();
    } else {
      unregistered++;
    }
    byName.put(descriptor.getFullMethodName(), made);
    return made;
  }

  /** What generated code says of its methods, and what no proxy says of a name it passes on. */
  private static boolean isGenerated(MethodDescriptor<?, ?> descriptor) {
    return descriptor.isSampledToLocalTracing() || descriptor.getSchemaDescriptor() != null;
  }

  /** The method of a name seen on the wire: known, or {@link WatchedMethod#OTHER}. */
  @CallPath
  WatchedMethod known(String fullMethodName) {
    return byName.getOrDefault(fullMethodName, WatchedMethod.OTHER);
  }

  /** Asked several times a call, so nothing is cut out of the name to look it up. */
  @CallPath
  boolean isExcluded(String fullMethodName) {
    for (int i = 0; i < excluded.length; i++) {
      String name = excluded[i];
      int length = name.length();
      if (fullMethodName.startsWith(name)
          && (fullMethodName.length() == length || isService(fullMethodName, length))) {
        matched[i] = true;
        return true;
      }
    }
    return false;
  }

  /** Whether a call was left alone by that name so far. */
  boolean hasExcluded(String name) {
    for (int i = 0; i < excluded.length; i++) {
      if (excluded[i].equals(name)) {
        return matched[i];
      }
    }
    return false;
  }

  /** Adds the services and methods that are known. */
  void addNames(Collection<String> names) {
    for (WatchedMethod method : byName.values()) {
      names.add(method.service());
      names.add(method.fullName());
    }
  }

  /** Whether the service's name is that long. */
  private static boolean isService(String fullMethodName, int length) {
    return fullMethodName.lastIndexOf('/') == length;
  }

  private static WatchedMethod make(MethodDescriptor<?, ?> descriptor) {
    String service = descriptor.getServiceName();
    String method = descriptor.getBareMethodName();
    return new WatchedMethod(
        type(descriptor.getType()),
        service == null ? WatchedMethod.OTHER_NAME : service,
        method == null ? WatchedMethod.OTHER_NAME : method);
  }

  private static CallType type(MethodDescriptor.MethodType type) {
    switch (type) {
      case UNARY:
        return CallType.UNARY;
      case CLIENT_STREAMING:
        return CallType.CLIENT_STREAM;
      case SERVER_STREAMING:
        return CallType.SERVER_STREAM;
      default:
        // UNKNOWN behaves as bidirectional: nothing may be assumed about the number of messages.
        return CallType.BIDI_STREAM;
    }
  }
}
