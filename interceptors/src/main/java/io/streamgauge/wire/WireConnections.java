package io.streamgauge.wire;

import io.streamgauge.guard.CallPath;
import io.streamgauge.stream.StreamConnection;
import java.lang.ref.WeakReference;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The connections of this process, by the attributes object their transport hands to each of its
 * streams. A table of fixed size without a lock: two connections that meet in one place push each
 * other out, and what was seen of them starts anew.
 */
final class WireConnections {

  private static final int SIZE = 256;

  private final AtomicReferenceArray<Entry> table = new AtomicReferenceArray<>(SIZE);

  /** The transport of a connection that is gone must not be kept. */
  private static final class Entry extends WeakReference<Object> {
    final StreamConnection connection;

    Entry(Object transport, StreamConnection connection) {
      super(transport);
      this.connection = connection;
    }
  }

  @CallPath
  StreamConnection of(Object transport, long nowNanos) {
    int hash = System.identityHashCode(transport);
    int place = (hash ^ (hash >>> 8) ^ (hash >>> 16)) & (SIZE - 1);
    Entry known = table.get(place);
    if (known != null && known.get() == transport) {
      return known.connection;
    }
    StreamConnection made = new StreamConnection(nowNanos);
    table.set(place, new Entry(transport, made));
    return made;
  }
}
