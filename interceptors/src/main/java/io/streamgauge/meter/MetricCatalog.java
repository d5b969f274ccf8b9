package io.streamgauge.meter;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Every metric Streamgauge publishes, once: the exporters, the documentation and the dashboards are
 * checked against this list. Names and the {@code grpc_type}, {@code grpc_service}, {@code
 * grpc_method}, {@code grpc_code} labels are those of go-grpc-middleware, so that existing
 * dashboards work.
 */
public enum MetricCatalog {
  SERVER_STARTED("grpc_server_started", Type.COUNTER, "Calls started on the server."),
  CLIENT_STARTED("grpc_client_started", Type.COUNTER, "Calls started on the client."),
  SERVER_HANDLED(
      "grpc_server_handled",
      Type.COUNTER,
      "Calls ended on the server, by status code.",
      "grpc_code"),
  CLIENT_HANDLED(
      "grpc_client_handled",
      Type.COUNTER,
      "Calls ended on the client, by status code.",
      "grpc_code"),
  SERVER_MSG_RECEIVED(
      "grpc_server_msg_received", Type.COUNTER, "Messages delivered to the server application."),
  CLIENT_MSG_RECEIVED(
      "grpc_client_msg_received", Type.COUNTER, "Messages delivered to the client application."),
  SERVER_MSG_SENT("grpc_server_msg_sent", Type.COUNTER, "Messages sent by the server application."),
  CLIENT_MSG_SENT("grpc_client_msg_sent", Type.COUNTER, "Messages sent by the client application."),
  SERVER_HANDLING(
      "grpc_server_handling_seconds", Type.HISTOGRAM, "Life of a call on the server, seconds."),
  CLIENT_HANDLING(
      "grpc_client_handling_seconds", Type.HISTOGRAM, "Life of a call on the client, seconds."),
  STREAM_ACTIVE("grpc_stream_active", Type.GAUGE, "Calls open now.", "side"),
  STREAM_BUFFER_DEPTH(
      "grpc_stream_buffer_depth",
      Type.GAUGE,
      "Messages waiting now, by the stage they wait in.",
      "side",
      "direction",
      "stage"),
  SERIES_DROPPED(
      "streamgauge_series_dropped",
      Type.COUNTER,
      "Series refused because a metric had reached its ceiling."),
  FAULTS(
      "streamgauge_faults",
      Type.COUNTER,
      "Faults of the toolkit that were swallowed to protect a call, by hook.",
      "site");

  /** What a metric is; the words of the Prometheus text format. */
  public enum Type {
    COUNTER,
    GAUGE,
    HISTOGRAM
  }

  /** Upper bounds in seconds. Streams last hours: the upper end must still tell them apart. */
  private static final double[] LIFE_SECONDS = {
    .001, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600, 14400, 86400
  };

  private final String baseName;
  private final Type type;
  private final String help;

  @SuppressWarnings("ImmutableEnumChecker") // wrapped as unmodifiable; Java 8 has no other list
  private final List<String> labels;

  MetricCatalog(String baseName, Type type, String help, String... extraLabels) {
    this.baseName = baseName;
    this.type = type;
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

  public Type type() {
    return type;
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
    if (type != Type.HISTOGRAM) {
      throw new IllegalStateException(baseName + " is not a histogram");
    }
    return LIFE_SECONDS.clone();
  }
}
