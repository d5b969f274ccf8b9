package io.streamgauge.javaagent.extension;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;

/** The open streams of every gauge of this process, each behind an MBean of its own. */
final class ConsoleBeans {

  private static final Logger logger = Logger.getLogger("io.streamgauge");

  /** As many as one gauge gives. */
  private static final int MAX_ROWS = 200;

  /** As each gauge has put its own in order. */
  private static final Comparator<Map<String, Object>> WORST_FIRST =
      Comparator.comparing((Map<String, Object> row) -> row.get("cause") == null)
          .thenComparing(row -> row.get("cause") == null ? 0 : -number(row.get("idle_seconds")))
          .thenComparing(row -> !Boolean.TRUE.equals(row.get("not_ready")))
          .thenComparing(row -> -waiting(row))
          .thenComparing(row -> -number(row.get("idle_seconds")));

  private ConsoleBeans() {}

  private static double number(Object value) {
    return value instanceof Number ? ((Number) value).doubleValue() : 0;
  }

  private static double waiting(Map<String, Object> row) {
    double sum = 0;
    for (Object depth : ((Map<?, ?>) row.get("depth")).values()) {
      sum += number(depth);
    }
    return sum;
  }

  /** As one gauge gives them, added up. */
  static Map<String, Object> streams() {
    long open = 0;
    Map<String, Object> totals = new LinkedHashMap<>();
    Map<String, Map<String, Object>> lanes = new TreeMap<>();
    List<Map<String, Object>> streams = new ArrayList<>();
    MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    for (ObjectName name : server.queryNames(pattern(), null)) {
      try {
        Map<?, ?> page = (Map<?, ?>) server.getAttribute(name, "Streams");
        open += ((Number) page.get("open")).longValue();
        add(totals, (Map<?, ?>) page.get("totals"));
        ((Map<?, ?>) page.get("lanes"))
            .forEach(
                (lane, sums) ->
                    add(
                        lanes.computeIfAbsent((String) lane, unseen -> new LinkedHashMap<>()),
                        (Map<?, ?>) sums));
        for (Object row : (List<?>) page.get("streams")) {
          Map<String, Object> own = new LinkedHashMap<>();
          // Numbers of streams are a gauge's own.
          own.put("gauge", name.getKeyProperty("id"));
          ((Map<?, ?>) row).forEach((key, value) -> own.put((String) key, value));
          streams.add(own);
        }
      } catch (JMException | RuntimeException e) {
        // A gauge whose application has gone, or is going.
        logger.log(Level.FINE, "Streamgauge: no streams from " + name, e);
      }
    }
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("open", open);
    streams.sort(WORST_FIRST);
    if (streams.size() > MAX_ROWS) {
      streams.subList(MAX_ROWS, streams.size()).clear();
    }
    all.put("shown", streams.size());
    all.put("totals", totals);
    all.put("lanes", lanes);
    all.put("streams", streams);
    return all;
  }

  /** Sums, but of the oldest the older. */
  private static void add(Map<String, Object> sums, Map<?, ?> more) {
    more.forEach(
        (key, value) ->
            sums.merge(
                (String) key,
                value,
                (a, b) ->
                    a instanceof Double
                        ? (Object) Math.max((Double) a, (Double) b)
                        : (Object) (((Number) a).longValue() + ((Number) b).longValue())));
  }

  private static ObjectName pattern() {
    try {
      return new ObjectName("io.streamgauge:type=Streams,*");
    } catch (MalformedObjectNameException e) {
      throw new IllegalStateException(e);
    }
  }
}
