package io.streamgauge.internal.live;

import io.streamgauge.StreamSnapshot;
import io.streamgauge.internal.guard.CallPath;
import io.streamgauge.internal.guard.NanoClock;
import io.streamgauge.internal.stream.StreamListener;
import io.streamgauge.internal.stream.StreamRecorder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * The streams that are open now. Opening and closing take one of {@value #STRIPES} locks, the
 * thread's, for a few writes, and at the end a few sums of the stream's lane, and allocate next to
 * nothing; readers copy a stripe's references under its lock and look at the streams outside it, so
 * neither waits long for the other.
 */
public final class LiveStreams implements StreamListener {

  private static final int STRIPES = 16;

  private final NanoClock clock;
  private final UnaryOperator<String> lanes;
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
    int number = (int) Thread.currentThread().getId() & (STRIPES - 1);
    stripes[number].add(stream, number);
  }

  @Override
  @CallPath
  public void ended(StreamRecorder stream) {
    int place = stream.place;
    if (place != 0) {
      stripes[place & (STRIPES - 1)].remove(stream, lanes.apply(stream.lane()));
    }
  }

  /** The open streams, and what the others came to. */
  public LiveLook look() {
    long now = clock.nanoTime();
    LiveLook look = new LiveLook(lanes);
    for (Stripe stripe : stripes) {
      for (StreamRecorder stream : stripe.copy(look)) {
        look.add(snapshot(stream, now));
      }
    }
    return look;
  }

  /** Of a stream that is in the list, though it may end meanwhile. */
  private static StreamSnapshot snapshot(StreamRecorder stream, long now) {
    stream.seen();
    return new RecordedSnapshot(stream, now);
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
    forEach(stream -> snapshots.add(snapshot(stream, now)));
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

  /**
   * Streams side by side; each knows its place, and the last one takes that of one that leaves. Its
   * own monitor guards it, and the places.
   */
  private static final class Stripe {
    private final LaneSums closed = new LaneSums();
    private StreamRecorder[] streams = new StreamRecorder[8];
    private int size;

    synchronized void add(StreamRecorder stream, int number) {
      if (size == streams.length) {
        streams = Arrays.copyOf(streams, size * 2);
      }
      streams[size++] = stream;
      stream.place = size * STRIPES + number;
    }

    synchronized void remove(StreamRecorder stream, String lane) {
      int place = stream.place;
      if (place == 0) {
        return;
      }
      stream.place = 0;
      closed.add(stream, lane);
      StreamRecorder last = streams[--size];
      streams[size] = null;
      if (last != stream) {
        streams[place / STRIPES - 1] = last;
        last.place = place;
      }
    }

    /** The streams, and in the same moment what the others of this stripe came to. */
    synchronized StreamRecorder[] copy(LiveLook look) {
      closed.addTo(look);
      return copy();
    }

    synchronized StreamRecorder[] copy() {
      return Arrays.copyOf(streams, size);
    }
  }
}
