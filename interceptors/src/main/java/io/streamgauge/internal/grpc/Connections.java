package io.streamgauge.internal.grpc;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.streamgauge.internal.guard.CallPath;
import io.streamgauge.internal.stream.Connection;
import java.lang.ref.WeakReference;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The connections of this process, by the attributes object their transport hands to each of its
 * streams. A table of fixed size without a lock: where more connections meet than there are places
 * in a row they push each other out, and what was seen of them starts anew. One table a side, since
 * a gateway has many connections from its callers and few to its peers.
 */
final class Connections {

  private static final int SIZE = 256;

  /** Places in a row that a connection may have. */
  private static final int PLACES = 4;

  private final AtomicReferenceArray<Entry> table = new AtomicReferenceArray<>(SIZE);

  /** The transport of a connection that is gone must not be kept. */
  private static final class Entry extends WeakReference<Object> {
    final Connection connection;

    Entry(Object transport, Connection connection) {
      super(transport);
      this.connection = connection;
    }
  }

  @CallPath
  Connection of(Attributes transport, long nowNanos) {
    int hash = System.identityHashCode(transport);
    int first = (hash ^ (hash >>> 8) ^ (hash >>> 16)) & (SIZE - 1);
    Object same = transport;
    int free = first;
    for (int i = PLACES - 1; i >= 0; i--) {
      int place = (first + i) & (SIZE - 1);
      Entry known = table.get(place);
      Object there = known == null ? null : known.get();
      if (there == same) {
        return known.connection;
      }
      if (there == null) {
        free = place;
      }
    }
    return add(free, transport, nowNanos);
  }

  private Connection add(int place, Attributes transport, long nowNanos) {
    Connection made = make(transport.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR), nowNanos);
    Entry before = table.get(place);
    if (!table.compareAndSet(place, before, new Entry(transport, made))) {
      Entry raced = table.get(place);
      Object same = transport;
      if (raced != null && raced.get() == same) {
        return raced.connection;
      }
    }
    return made;
  }

  private static Connection make(SocketAddress peer, long nowNanos) {
    if (peer instanceof InetSocketAddress) {
      InetSocketAddress address = (InetSocketAddress) peer;
      String host =
          address.getAddress() == null
              ? address.getHostString()
              : address.getAddress().getHostAddress();
      return new Connection(nowNanos, host, address.getPort(), "tcp");
    }
    // Netty's, and the JDK's from 16 on; neither may be assumed to be there.
    if (peer != null && peer.getClass().getSimpleName().endsWith("DomainSocketAddress")) {
      return new Connection(nowNanos, peer.toString(), 0, "unix");
    }
    return new Connection(nowNanos);
  }
}
