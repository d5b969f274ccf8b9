package io.streamgauge.console.live;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import io.streamgauge.console.http.ConsoleFault;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Looks at all sources once a second, also when no page is open: works out rates, puts the streams
 * of all in one order, remembers ten minutes, and tells its listener. It reads views only, so it
 * never slows a stream.
 */
public final class LiveSampler implements AutoCloseable {

  private static final Logger logger = Logger.getLogger("io.streamgauge.console");

  /** Ten minutes. */
  static final int HISTORY = 600;

  /** Rows in a sample, of all sources together. */
  static final int MAX_ROWS = 200;

  /** A process has at most 11 lanes; these are of all together. What is beyond is in one. */
  static final int MAX_LANES = 64;

  /** A tag has at most 32 characters. */
  private static final int LONGEST_LANE = 64;

  private static final String OTHER_LANE = "other";

  private static final String[] SUMS = {
    "open", "stalled", "not_ready", "buffered", "buffered_bytes", "ended", "failed"
  };

  private final List<LiveSource> sources;
  private final Consumer<String> listener;
  private final Gson gson = new GsonBuilder().serializeNulls().create();
  private final IdentityHashMap<LiveSource, LiveRates> ratesOf = new IdentityHashMap<>();
  private final Deque<Map<String, Object>> history = new ArrayDeque<>();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "streamgauge-console-sampler");
            thread.setDaemon(true);
            return thread;
          });
  private volatile String latest = "{}";

  /**
   * Prepares a sampler.
   *
   * @param listener gets each sample as JSON, on the sampler's thread; must not wait
   */
  public LiveSampler(List<LiveSource> sources, Consumer<String> listener) {
    this.sources = new ArrayList<>(sources);
    this.listener = listener;
  }

  public void start() {
    Future<?> unused = timer.scheduleWithFixedDelay(this::guarded, 0, 1, TimeUnit.SECONDS);
  }

  private void guarded() {
    try {
      latest = gson.toJson(sample(System.nanoTime(), System.currentTimeMillis()));
      listener.accept(latest);
    } catch (RuntimeException | Error e) {
      ConsoleFault.passIfFatal(e);
      // Whatever it was, the next look may go well; a timer never runs again what has thrown.
      logger.log(Level.FINE, "a sample failed", e);
    }
  }

  /** The last sample as JSON. */
  public String latest() {
    return latest;
  }

  /** The points of the last ten minutes as a JSON array, oldest first. */
  public String history() {
    synchronized (history) {
      return gson.toJson(new ArrayList<>(history));
    }
  }

  Map<String, Object> sample(long nanos, long millis) {
    LiveSums all = new LiveSums();
    Map<String, LiveSums> lanes = new TreeMap<>();
    List<Object> targets = new ArrayList<>();
    List<Map<String, Object>> rows = new ArrayList<>();
    for (LiveSource source : sources) {
      targets.add(look(source, nanos, all, lanes, rows));
    }
    rows.sort(LiveRow.WORST_FIRST);
    Map<String, Object> sample = new LinkedHashMap<>();
    sample.put("time", millis);
    sample.put("targets", targets);
    sample.put("totals", all.facts());
    Map<String, Object> byLane = new LinkedHashMap<>();
    lanes.forEach((lane, sums) -> byLane.put(lane, sums.facts()));
    sample.put("lanes", byLane);
    sample.put("streams", rows.subList(0, Math.min(MAX_ROWS, rows.size())));
    remember(millis, all, lanes);
    return sample;
  }

  private Map<String, Object> look(
      LiveSource source,
      long nanos,
      LiveSums all,
      Map<String, LiveSums> lanes,
      List<Map<String, Object>> rows) {
    Map<String, Object> target = new LinkedHashMap<>();
    target.put("name", source.name());
    try {
      LiveRates rates = ratesOf.computeIfAbsent(source, unseen -> new LiveRates());
      LiveSource.Page made = source.page(nanos);
      Map<?, ?> page = made.document;
      rates.begin(made.at);
      // Of an older process, which has no totals, the rows are all there is.
      all.add(LiveSums.map(page.get("totals")), rates, source.name());
      LiveSums.map(page.get("lanes"))
          .forEach(
              (lane, sums) ->
                  lane(String.valueOf(lane), lanes)
                      .add(LiveSums.map(sums), rates, source.name() + '\n' + lane));
      int added = 0;
      for (Object row : (Iterable<?>) page.get("streams")) {
        if (added++ == MAX_ROWS) {
          break;
        }
        rows.add(LiveRow.of(LiveSums.map(row), source.name(), rates));
      }
      target.put("up", true);
      target.put("open", page.get("open"));
    } catch (IOException | RuntimeException e) {
      target.put("up", false);
      target.put("error", e.getMessage());
    }
    return target;
  }

  private static LiveSums lane(String name, Map<String, LiveSums> lanes) {
    boolean known =
        lanes.containsKey(name) || (lanes.size() < MAX_LANES && name.length() <= LONGEST_LANE);
    return lanes.computeIfAbsent(known ? name : OTHER_LANE, unseen -> new LiveSums());
  }

  private void remember(long millis, LiveSums all, Map<String, LiveSums> lanes) {
    Map<String, Object> point = new LinkedHashMap<>();
    point.put("t", millis);
    all.point(point);
    Map<String, Object> byLane = new LinkedHashMap<>();
    lanes.forEach((lane, sums) -> byLane.put(lane, sums.perSecond()));
    point.put("lanes", byLane);
    synchronized (history) {
      history.add(point);
      if (history.size() > HISTORY) {
        history.remove();
      }
    }
  }

  static String[] sums() {
    return SUMS.clone();
  }

  @Override
  public void close() {
    timer.shutdownNow();
    sources.forEach(LiveSource::close);
  }
}
