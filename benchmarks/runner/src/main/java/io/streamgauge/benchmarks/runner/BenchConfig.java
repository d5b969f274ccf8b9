package io.streamgauge.benchmarks.runner;

import java.util.List;

/**
 * One of those that are compared.
 *
 * @param name as in the results
 * @param module directory under {@code benchmarks/} whose class path it runs on
 * @param quick whether it is in the quick profile too
 * @param does what it does with a call, so that its figure is read for what it is
 */
record BenchConfig(String name, String module, boolean quick, String does) {

  /** Who the others are measured against. */
  static final BenchConfig BARE = new BenchConfig("bare", "worker", true, "nothing");

  /** Everybody else, in the order of the table. */
  static final List<BenchConfig> ALL =
      List.of(
          new BenchConfig("floor", "worker", true, "two wrappers a side that count messages"),
          ours("ours-numbers", true, "all counters, depth gauges, stalls, histograms"),
          ours("ours-numbers-light", true, "numbers; unary calls of a client not on the wire"),
          ours("ours-gray", false, "numbers, and a tag read, carried and current in callbacks"),
          ours("ours-spans-1pct", false, "numbers, OpenTelemetry metrics, spans of 1 %"),
          ours("ours-spans", false, "numbers, OpenTelemetry metrics, a span per side and call"),
          ours("ours-everything-1pct", true, "numbers, metrics, tag, context; spans of 1 %"),
          ours("ours-everything", true, "numbers, metrics, tag, context; every span"),
          peer("micrometer", "micrometer", true, "counts calls and messages; no gauges, no trace"),
          peer("prometheus", "prometheus", true, "counts calls and messages; no gauges, no trace"),
          peer("grpc-otel-metrics", "grpc-otel", false, "calls and bytes; no messages, no trace"),
          peer("grpc-otel", "grpc-otel", true, "the same and every span, an event per message"),
          peer("brave-1pct", "brave", false, "spans of 1 %; no numbers, nothing per message"),
          peer("brave", "brave", true, "every span; no numbers, nothing per message"),
          peer("otel-jar-only", "otel", false, "nothing: its jar is there, and replaces a storage"),
          peer("otel-1pct", "otel", false, "spans of 1 %; durations; no messages counted"),
          peer("otel", "otel", true, "every span, an event per message up to 128; durations"));

  private static BenchConfig ours(String name, boolean quick, String does) {
    return new BenchConfig(name, "subjects/ours", quick, does);
  }

  private static BenchConfig peer(String name, String module, boolean quick, String does) {
    return new BenchConfig(name, "subjects/" + module, quick, does);
  }
}
