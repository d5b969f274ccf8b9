package io.streamgauge.ordersync.server;

import io.streamgauge.ordersync.flow.FlowLimits;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * The streams that are open and whose they are. A client has one: when it comes back over a new
 * connection while the old one has not been found dead yet, the old one ends.
 */
final class StreamRegistry {

  private final Supplier<FlowLimits> limits;
  private final Set<SyncStream> open = new HashSet<>();
  private final Map<String, SyncStream> byClient = new HashMap<>();

  StreamRegistry(Supplier<FlowLimits> limits) {
    this.limits = limits;
  }

  /** Whether there is room for one more; then it is in. */
  synchronized boolean register(SyncStream stream) {
    return open.size() < limits.get().maxStreams() && open.add(stream);
  }

  /** The stream says whose it is; an older one of the same client ends. */
  void claim(String clientId, SyncStream stream) {
    SyncStream before;
    synchronized (this) {
      if (!open.contains(stream)) {
        return;
      }
      before = byClient.put(clientId, stream);
    }
    if (before != null && before != stream) {
      before.end("a newer stream of this client has taken over");
    }
  }

  synchronized void unregister(String clientId, SyncStream stream) {
    open.remove(stream);
    if (clientId != null) {
      byClient.remove(clientId, stream);
    }
  }

  /** Ends the stream of a client; false if it has none. */
  boolean cancel(String clientId) {
    SyncStream stream;
    synchronized (this) {
      stream = byClient.get(clientId);
    }
    if (stream == null) {
      return false;
    }
    stream.end("cancelled by the operator");
    return true;
  }

  /** Lets every stream finish what it has in hand and end. */
  void leave() {
    List<SyncStream> all;
    synchronized (this) {
      all = new ArrayList<>(open);
    }
    all.forEach(SyncStream::leave);
  }

  synchronized int size() {
    return open.size();
  }

  /** Clients with a stream, by name. */
  synchronized List<String> clients() {
    return new ArrayList<>(new TreeSet<>(byClient.keySet()));
  }
}
