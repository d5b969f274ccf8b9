package io.streamgauge.internal.live;

import io.streamgauge.StreamSnapshot;
import java.util.LinkedHashMap;
import java.util.Map;

/** Sums over streams, for {@link PageWriter}. */
final class PageSums {

  private long open;
  private long stalled;
  private long notReady;
  private long waiting;
  private long bytes;
  private long oldestIdleNanos;
  private long sent;
  private long received;
  private long ended;
  private long failed;

  void add(StreamSnapshot stream) {
    open++;
    stalled += stream.cause() == null ? 0 : 1;
    notReady += stream.notReady() ? 1 : 0;
    waiting += waiting(stream);
    bytes +=
        known(stream.transportBytes()) + known(stream.deframerBytes()) + known(stream.retryBytes());
    oldestIdleNanos = Math.max(oldestIdleNanos, stream.idleNanos());
    sent += stream.sent();
    received += stream.received();
  }

  /** Of ended streams, as {@link LaneSums} keeps them. */
  void add(long[] sums) {
    ended += sums[LaneSums.ENDED];
    failed += sums[LaneSums.FAILED];
    sent += sums[LaneSums.SENT];
    received += sums[LaneSums.RECEIVED];
  }

  /** Messages that wait in a stream, at any stage that is known. */
  static long waiting(StreamSnapshot stream) {
    return known(stream.connectDepth())
        + known(stream.limitDepth())
        + known(stream.executorDepth())
        + known(stream.handlerDepth())
        + known(stream.applicationDepth());
  }

  private static long known(long depth) {
    return depth == StreamSnapshot.UNKNOWN ? 0 : depth;
  }

  Map<String, Object> facts() {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("open", open);
    facts.put("stalled", stalled);
    facts.put("not_ready", notReady);
    facts.put("buffered", waiting);
    facts.put("buffered_bytes", bytes);
    facts.put("oldest_idle_seconds", oldestIdleNanos / 1e9);
    facts.put("msg_sent", sent);
    facts.put("msg_received", received);
    facts.put("ended", ended);
    facts.put("failed", failed);
    return facts;
  }
}
