package io.streamgauge.internal.metrics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Every metric Streamgauge publishes, once: the exporters, the documentation and the dashboards are
 * checked against this list. Names and the {@code grpc_type}, {@code grpc_service}, {@code
 * grpc_method}, {@code grpc_code} labels are those of go-grpc-middleware, so that existing
 * dashboards work. The OpenTelemetry instrument is the same words with dots, its unit apart.
 */
public enum MetricCatalog {
  SERVER_STARTED("grpc_server_started", Type.COUNTER, "", "Calls started on the server."),
  CLIENT_STARTED("grpc_client_started", Type.COUNTER, "", "Calls started on the client."),
  SERVER_HANDLED(
      "grpc_server_handled",
      Type.COUNTER,
      "",
      "Calls ended on the server, by status code.",
      "grpc_code"),
  CLIENT_HANDLED(
      "grpc_client_handled",
      Type.COUNTER,
      "",
      "Calls ended on the client, by status code.",
      "grpc_code"),
  SERVER_MSG_RECEIVED(
      "grpc_server_msg_received",
      Type.COUNTER,
      "",
      "Messages delivered to the server application."),
  CLIENT_MSG_RECEIVED(
      "grpc_client_msg_received",
      Type.COUNTER,
      "",
      "Messages delivered to the client application."),
  SERVER_MSG_SENT(
      "grpc_server_msg_sent", Type.COUNTER, "", "Messages sent by the server application."),
  CLIENT_MSG_SENT(
      "grpc_client_msg_sent", Type.COUNTER, "", "Messages sent by the client application."),
  SERVER_HANDLING(
      "grpc_server_handling_seconds", Type.HISTOGRAM, "s", "Life of a call on the server."),
  CLIENT_HANDLING(
      "grpc_client_handling_seconds", Type.HISTOGRAM, "s", "Life of a call on the client."),
  STREAM_ACTIVE("grpc_stream_active", Type.SUM, "", "Calls open now.", "side"),
  STREAM_BUFFER_DEPTH(
      "grpc_stream_buffer_depth",
      Type.SUM,
      "",
      "Messages waiting now, by the stage they wait in.",
      "side",
      "direction",
      "stage"),
  STREAM_BUFFER_BYTES(
      "grpc_stream_buffer_bytes",
      Type.SUM,
      "By",
      "Bytes waiting inside gRPC now, by the stage they wait in; known under the agent only.",
      "side",
      "direction",
      "stage"),
  STREAM_NOT_READY(
      "grpc_stream_not_ready",
      Type.SUM,
      "",
      "Streams not writable now, with writes pending.",
      "side"),
  STREAM_BLOCKED(
      "grpc_stream_blocked_seconds",
      Type.COUNTER,
      "s",
      "Time streams were not writable with writes pending.",
      "side"),
  STREAM_SENT_WHILE_NOT_READY(
      "grpc_stream_sent_while_not_ready",
      Type.COUNTER,
      "",
      "Messages sent to a stream known not to be writable: flow control ignored.",
      "side"),
  STREAM_DEMAND(
      "grpc_stream_demand", Type.SUM, "", "Messages asked for and not delivered yet.", "side"),
  STREAM_STALLED(
      "grpc_stream_stalled",
      Type.SUM,
      "",
      "Streams standing still now, by cause.",
      "side",
      "cause"),
  STREAM_STALLS(
      "grpc_stream_stalls",
      Type.COUNTER,
      "",
      "Times a stream came to stand still, by cause.",
      "side",
      "cause"),
  STREAM_OLDEST_IDLE(
      "grpc_stream_oldest_idle_seconds",
      Type.GAUGE,
      "s",
      "Longest time an open stream has not moved.",
      "side"),
  STREAM_OLDEST_AGE(
      "grpc_stream_oldest_age_seconds", Type.GAUGE, "s", "Age of the oldest open stream.", "side"),
  STREAM_WIRE_BYTES(
      "grpc_stream_wire_bytes",
      Type.COUNTER,
      "By",
      "Bytes framed for the wire and read from it.",
      "side",
      "direction"),
  STREAM_QUEUE(
      "grpc_stream_queue_seconds",
      Type.HISTOGRAM,
      "s",
      "Time a message waited for the application's thread; sampled.",
      "side"),
  STREAM_HANDLER(
      "grpc_stream_handler_seconds",
      Type.HISTOGRAM,
      "s",
      "Time a message was inside the application's callback; sampled.",
      "side"),
  STREAM_LIMIT_WAIT(
      "grpc_stream_limit_wait_seconds",
      Type.HISTOGRAM,
      "s",
      "Waits of calls for the peer's limit of concurrent streams, until their headers left or they"
          + " ended.",
      "side"),
  STREAM_FIRST_MESSAGE(
      "grpc_stream_first_message_seconds",
      Type.HISTOGRAM,
      "s",
      "Time from a stream's start to its first message.",
      "side"),
  GRAY_RESOLVED(
      "grpc_gray_resolved",
      Type.COUNTER,
      "",
      "Calls and messages that have a gray tag, by where it came from.",
      "source"),
  GRAY_REJECTED(
      "grpc_gray_rejected", Type.COUNTER, "", "Gray tags sent and not taken, by why.", "reason"),
  GRAY_LOST(
      "grpc_gray_lost",
      Type.COUNTER,
      "",
      "Gray tags that should have been there, by where they went missing.",
      "where"),
  GRAY_ATTEMPTS(
      "grpc_gray_attempts",
      Type.COUNTER,
      "",
      "Attempts that the policy gray_prefer has routed, by outcome.",
      "outcome"),
  GRAY_LANE_ENDPOINTS(
      "gray_lane_endpoints",
      Type.SUM,
      "",
      "Endpoints that the policy gray_prefer knows, by lane and state of the connection.",
      "gray_tag",
      "state"),
  CONFIG_CHANGES(
      "streamgauge_config_changes",
      Type.COUNTER,
      "",
      "Changes of the configuration at run time, by outcome: applied or refused.",
      "outcome"),
  SERIES_DROPPED(
      "streamgauge_series_dropped",
      Type.COUNTER,
      "",
      "Series refused because a metric had reached its ceiling."),
  REFUSED(
      "streamgauge_refused", Type.COUNTER, "", "What was refused to stay within bounds.", "what"),
  FAULTS(
      "streamgauge_faults",
      Type.COUNTER,
      "",
      "Faults of the toolkit that were swallowed to protect a call, by hook.",
      "site");

  /** What a metric is. */
  public enum Type {
    /** Only rises. */
    COUNTER,
    /** A gauge that is a sum over streams: those of several processes may be added. */
    SUM,
    /** A gauge that is a maximum over streams. */
    GAUGE,
    HISTOGRAM
  }

  /** Upper bounds in seconds. Streams last hours: the upper end must still tell them apart. */
  private static final double[] LIFE_SECONDS = {
    .001, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600, 14400, 86400
  };

  /** Upper bounds in seconds for what happens to one message. */
  private static final double[] MESSAGE_SECONDS = {
    .00001, .0001, .0005, .001, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 60
  };

  /** Upper bounds in seconds. A wait below the first is not told from a busy thread. */
  private static final double[] LIMIT_SECONDS = {
    .001, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 1800
  };

  private final String baseName;
  private final Type type;
  private final String unit;
  private final String help;

  @SuppressWarnings("ImmutableEnumChecker") // wrapped as unmodifiable; Java 8 has no other list
  private final List<String> labels;

  MetricCatalog(String baseName, Type type, String unit, String help, String... extraLabels) {
    this.baseName = baseName;
    this.type = type;
    this.unit = unit;
    this.help = help;
    List<String> all = new ArrayList<>();
    if (baseName.startsWith("grpc_")) {
      all.addAll(callLabels());
    }
    all.addAll(Arrays.asList(extraLabels));
    this.labels = Collections.unmodifiableList(all);
  }

  /** Labels that every metric about calls carries, in this order, before its own. */
  public static List<String> callLabels() {
    return Arrays.asList("grpc_type", "grpc_service", "grpc_method", "gray_tag");
  }

  /** Prometheus name without the counter's {@code _total}. */
  public String baseName() {
    return baseName;
  }

  /** The name as it is scraped: counters end in {@code _total}. */
  public String exposedName() {
    return type == Type.COUNTER ? baseName + "_total" : baseName;
  }

  /** The OpenTelemetry instrument: an exporter to Prometheus adds unit and {@code _total} again. */
  public String instrumentName() {
    String words = baseName;
    if (unit.equals("s")) {
      words = words.substring(0, words.length() - "_seconds".length());
    } else if (unit.equals("By")) {
      words = words.substring(0, words.length() - "_bytes".length());
    }
    int prefix =
        words.startsWith("grpc_") ? words.indexOf('_', "grpc_".length()) : words.indexOf('_');
    return words.substring(0, prefix).replace('_', '.') + '.' + words.substring(prefix + 1);
  }

  /** The OpenTelemetry attribute of a label: grpc and gray are name spaces there. */
  public static String attributeName(String label) {
    return label.startsWith("grpc_") || label.startsWith("gray_") ? label.replace('_', '.') : label;
  }

  public Type type() {
    return type;
  }

  /** UCUM unit: {@code s}, {@code By}, or empty for counts. */
  public String unit() {
    return unit;
  }

  public String help() {
    return help;
  }

  /** Label names in the order in which values are given. */
  public List<String> labels() {
    return labels;
  }

  /** Upper bounds of a histogram's buckets, ascending, without infinity; seconds. */
  public double[] buckets() {
    switch (this) {
      case SERVER_HANDLING:
      case CLIENT_HANDLING:
        return LIFE_SECONDS.clone();
      case STREAM_LIMIT_WAIT:
        return LIMIT_SECONDS.clone();
      case STREAM_QUEUE:
      case STREAM_HANDLER:
      case STREAM_FIRST_MESSAGE:
        return MESSAGE_SECONDS.clone();
      default:
        throw new IllegalStateException(baseName + " is not a histogram");
    }
  }
}
