package io.streamgauge.internal.grpc;

import io.streamgauge.internal.guard.NearestName;
import io.streamgauge.internal.stream.StreamListener;
import io.streamgauge.internal.stream.StreamRecorder;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Says once, after the first calls, which names of {@code streamgauge.exclude} none of them had: a
 * misspelt name is no error, and what it was to leave out is watched.
 */
public final class Excludes implements StreamListener {

  /** Calls that are watched before it looks. */
  static final int CALLS = 100;

  private static final Logger logger = Logger.getLogger("io.streamgauge");

  private final Collection<String> names;
  private final Methods server;
  private final Methods client;
  private final AtomicBoolean said = new AtomicBoolean();

  /** Counted without care: it may come a few calls late. */
  private volatile int calls;

  /**
   * Checks names.
   *
   * @param names that the user has given; those excluded by default are right
   */
  public Excludes(Collection<String> names, Methods server, Methods client) {
    this.names = names;
    this.server = server;
    this.client = client;
  }

  @Override
  @SuppressWarnings("NonAtomicOperationOnVolatileField") // see above
  public void started(StreamRecorder stream) {
    int count = calls;
    if (count < CALLS) {
      calls = count + 1;
    } else if (!said.get() && said.compareAndSet(false, true)) {
      look();
    }
  }

  private void look() {
    Set<String> known = new LinkedHashSet<>();
    server.addNames(known);
    client.addNames(known);
    for (String name : names) {
      if (!server.hasExcluded(name)) {
        String nearest = NearestName.of(name, known);
        logger.log(
            Level.WARNING,
            "streamgauge.exclude: ''{0}'' was the name of none of the first calls{1}",
            new Object[] {name, nearest == null ? "" : "; did you mean " + nearest + "?"});
      }
    }
  }
}
