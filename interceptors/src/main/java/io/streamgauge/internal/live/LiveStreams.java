package io.streamgauge.internal.live;

import io.streamgauge.CallSide;
import io.streamgauge.StreamSnapshot;
import io.streamgauge.internal.guard.CallPath;
import io.streamgauge.internal.guard.NanoClock;
import io.streamgauge.internal.stream.StreamListener;
import io.streamgauge.internal.stream.StreamRecorder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * The streams that are open now. A short call takes one of a few slots of its thread's stripe and
 * leaves it, each with one atomic store and without a lock; a longer stream, and a call that finds
 * no slot, is in the stripe's list under its lock. Neither allocates but for a list that grows.
 * Readers copy a stripe's references under its lock and look at the streams outside it, so neither
 * waits long for the other.
 *
 * <p>What ended streams came to is summed by lane under the same lock, so that a reader finds a
 * stream in one of the two. A clean end is not among the sums: no reader has seen such a call, and
 * its series has it.
 */
public final class LiveStreams implements StreamListener {

  private static final int STRIPES = 16;

  /** Of a stripe and side: a call that finds them taken goes into the list. */
  private static final int TRIES = 6;

  /** Of a stripe; the two sides lie a cache line apart. */
  private static final int SLOTS = 2 * 16;

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
    Stripe stripe = stripes[number];
    if (!stream.isUnary() || !stripe.addShort(stream, number)) {
      stripe.add(stream, number);
    }
  }

  @Override
  @CallPath
  public void ended(StreamRecorder stream, long nowNanos) {
    int place = stream.place;
    if (place == 0) {
      return;
    }
    int slot = -1 - place;
    boolean isShort = place < 0;
    Stripe stripe = stripes[(isShort ? slot : place) & (STRIPES - 1)];
    boolean counted = isCounted(stream);
    if (isShort && counted) {
      stripe.leave(stream, slot / STRIPES);
    } else {
      stripe.remove(stream, counted ? null : lanes.apply(stream.lane()));
    }
  }

  /** Whether the end of an ended stream is in its series alone. */
  private static boolean isCounted(StreamRecorder stream) {
    return stream.isCleanEnd() && stream.totals() != null;
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
    forEach(
        stream -> {
          if (stream.seen()) {
            snapshots.add(new RecordedSnapshot(stream, now));
          }
        });
    return snapshots;
  }

  /** How many streams are open. */
  public int size() {
    int size = 0;
    for (Stripe stripe : stripes) {
      synchronized (stripe) {
        size += stripe.copy().length;
      }
    }
    return size;
  }

  /**
   * Streams side by side; each knows its place, and in the list the last one takes that of one that
   * leaves. Its own monitor guards the list, its places and the sums. A slot is taken by a
   * compare-and-set, and given back by the thread that ends the stream: under the monitor if a
   * reader may have seen it.
   */
  private static final class Stripe {
    private final AtomicReferenceArray<StreamRecorder> slots = new AtomicReferenceArray<>(SLOTS);
    private final LaneSums closed = new LaneSums();
    private StreamRecorder[] streams = new StreamRecorder[8];
    private int size;

    /** False where the slots it tries are taken. */
    boolean addShort(StreamRecorder stream, int number) {
      int first = stream.side() == CallSide.SERVER ? SLOTS / 2 : 0;
      for (int slot = first; slot < first + TRIES; slot++) {
        if (slots.get(slot) == null && slots.compareAndSet(slot, null, stream)) {
          stream.place = -1 - (slot * STRIPES + number);
          return true;
        }
      }
      return false;
    }

    /** A call that no reader has seen and its series has counted leaves its slot. */
    void leave(StreamRecorder stream, int slot) {
      stream.place = 0;
      slots.lazySet(slot, null);
    }

    synchronized void add(StreamRecorder stream, int number) {
      if (size == streams.length) {
        streams = Arrays.copyOf(streams, size * 2);
      }
      streams[size++] = stream;
      stream.place = size * STRIPES + number;
    }

    /**
     * A stream leaves its slot or the list.
     *
     * @param lane to add it to the sums; null if its series has it
     */
    synchronized void remove(StreamRecorder stream, String lane) {
      int place = stream.place;
      if (place == 0) {
        return;
      }
      stream.place = 0;
      if (lane != null) {
        closed.add(stream, lane);
      }
      if (place < 0) {
        slots.set((-1 - place) / STRIPES, null);
        return;
      }
      StreamRecorder last = streams[--size];
      streams[size] = null;
      if (last != stream) {
        streams[place / STRIPES - 1] = last;
        last.place = place;
      }
    }

    /**
     * The streams, and in the same moment what the others of this stripe came to. A stream that is
     * open is seen now, so it cannot leave without the monitor and is in the sums then. One that is
     * over and has not left is still among the streams, but for a clean end, which is in neither.
     */
    synchronized StreamRecorder[] copy(LiveLook look) {
      closed.addTo(look);
      StreamRecorder[] all = copy();
      int count = 0;
      for (StreamRecorder stream : all) {
        if (stream.seen() || (stream.isEnded() && !isCounted(stream))) {
          all[count++] = stream;
        }
      }
      return Arrays.copyOf(all, count);
    }

    /** The list, then the slots. */
    synchronized StreamRecorder[] copy() {
      StreamRecorder[] all = Arrays.copyOf(streams, size + SLOTS);
      int count = size;
      for (int slot = 0; slot < SLOTS; slot++) {
        StreamRecorder stream = slots.get(slot);
        if (stream != null) {
          all[count++] = stream;
        }
      }
      return Arrays.copyOf(all, count);
    }
  }
}
