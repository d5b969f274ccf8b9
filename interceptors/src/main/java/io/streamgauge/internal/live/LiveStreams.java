package io.streamgauge.internal.live;

import io.streamgauge.StreamSnapshot;
import io.streamgauge.internal.guard.CallPath;
import io.streamgauge.internal.guard.NanoClock;
import io.streamgauge.internal.stream.StreamListener;
import io.streamgauge.internal.stream.StreamRecorder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * The streams that are open now. Opening and closing take one of {@value #STRIPES} locks for a few
 * pointer writes, and at the end a few sums of the stream's lane, and allocate nothing but a lane's
 * first sums; readers copy a stripe's references under its lock and look at the streams outside it,
 * so neither waits long for the other.
 */
public final class LiveStreams implements StreamListener {

  private static final int STRIPES = 16;

  private final NanoClock clock;
  private final UnaryOperator<String> lanes;
  private final AtomicLong ids = new AtomicLong();
  private final Stripe[] stripes = new Stripe[STRIPES];

  /**
   * Makes an empty list.
   *
   * @param lanes gives the lane of a raw tag, of which there must be few; null is untagged
   */
  public LiveStreams(NanoClock clock, UnaryOperator<String> lanes) {
    this.clock = clock;
    this.lanes = lanes;
    for (int i = 0; i < STRIPES; i++) {
      stripes[i] = new Stripe();
    }
  }

  @Override
  @CallPath
  public void started(StreamRecorder stream) {
    stream.id = ids.incrementAndGet();
    stripe(stream).add(stream);
  }

  @Override
  @CallPath
  public void ended(StreamRecorder stream) {
    if (stream.id != 0) {
      stripe(stream).remove(stream, lanes.apply(stream.lane()));
    }
  }

  /** The open streams, and what the others came to. */
  public LiveLook look() {
    long now = clock.nanoTime();
    LiveLook look = new LiveLook(lanes);
    for (Stripe stripe : stripes) {
      for (StreamRecorder stream : stripe.copy(look)) {
        look.add(new RecordedSnapshot(stream, now));
      }
    }
    return look;
  }

  private Stripe stripe(StreamRecorder stream) {
    return stripes[(int) (stream.id & (STRIPES - 1))];
  }

  /** Calls {@code reader} for each open stream, without holding a lock. */
  public void forEach(Consumer<StreamRecorder> reader) {
    for (Stripe stripe : stripes) {
      for (StreamRecorder stream : stripe.copy()) {
        reader.accept(stream);
      }
    }
  }

  /** The open streams as immutable snapshots, in no particular order. */
  public List<StreamSnapshot> snapshots() {
    long now = clock.nanoTime();
    List<StreamSnapshot> snapshots = new ArrayList<>();
    forEach(stream -> snapshots.add(new RecordedSnapshot(stream, now)));
    return snapshots;
  }

  /** How many streams are open. */
  public int size() {
    int size = 0;
    for (Stripe stripe : stripes) {
      synchronized (stripe) {
        size += stripe.size;
      }
    }
    return size;
  }

  /** A doubly linked list through the recorders themselves; its own monitor guards it. */
  private static final class Stripe {
    private final LaneSums closed = new LaneSums();
    private StreamRecorder first;
    private int size;

    synchronized void add(StreamRecorder stream) {
      stream.next = first;
      if (first != null) {
        first.previous = stream;
      }
      first = stream;
      size++;
    }

    synchronized void remove(StreamRecorder stream, String lane) {
      if (stream.previous == null && first != stream) {
        return;
      }
      closed.add(stream, lane);
      if (stream.previous == null) {
        first = stream.next;
      } else {
        stream.previous.next = stream.next;
      }
      if (stream.next != null) {
        stream.next.previous = stream.previous;
      }
      stream.previous = null;
      stream.next = null;
      size--;
    }

    /** The streams, and in the same moment what the others of this stripe came to. */
    synchronized StreamRecorder[] copy(LiveLook look) {
      closed.addTo(look);
      return copy();
    }

    synchronized StreamRecorder[] copy() {
      StreamRecorder[] streams = new StreamRecorder[size];
      int i = 0;
      for (StreamRecorder s = first; s != null; s = s.next) {
        streams[i++] = s;
      }
      return streams;
    }
  }
}
