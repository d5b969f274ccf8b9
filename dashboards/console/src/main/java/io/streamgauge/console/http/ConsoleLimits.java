package io.streamgauge.console.http;

import java.time.Duration;
import java.util.Objects;

/** How much of a process a {@link ConsoleServer} takes at most. Immutable. */
public final class ConsoleLimits {

  /**
   * 16 for requests, 16 for readers of events, and 8 that are never in work for long: they read
   * heads and turn away what is too much.
   */
  private static final int THREADS = 40;

  /**
   * A page has one reader of events and asks for five files at once; a scraper and a few exporters
   * ask for one thing at a time.
   */
  private static final int REQUESTS = 16;

  /** The largest body, 16 MiB, over the slowest link a viewer is used on, 16 Mbit/s. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final ConsoleLimits STANDARD = new ConsoleLimits(THREADS, REQUESTS, PATIENCE);

  private final int threads;
  private final int requests;
  private final Duration patience;

  private ConsoleLimits(int threads, int requests, Duration patience) {
    this.threads = threads;
    this.requests = requests;
    this.patience = patience;
  }

  /** 40 threads, 16 requests in work, 10 s of patience. */
  public static ConsoleLimits standard() {
    return STANDARD;
  }

  /**
   * Other numbers of threads and of requests in work; readers of events do not count as requests.
   *
   * @throws IllegalArgumentException if there is not at least one thread more than requests
   */
  public ConsoleLimits threads(int threads, int requests) {
    if (requests < 1 || threads <= requests) {
      throw new IllegalArgumentException(
          threads + " threads and " + requests + " requests in work");
    }
    return new ConsoleLimits(threads, requests, patience);
  }

  /** For how long one request may wait for its peer, all its reads and writes together. */
  public ConsoleLimits patience(Duration patience) {
    return new ConsoleLimits(threads, requests, Objects.requireNonNull(patience, "patience"));
  }

  int threads() {
    return threads;
  }

  int requests() {
    return requests;
  }

  Duration patience() {
    return patience;
  }
}
