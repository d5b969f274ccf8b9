package io.streamgauge.benchmarks.runner;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;

/** The two pictures of {@code docs/benchmarks.md}. */
final class Plot {

  private static final int WIDTH = 1100;
  private static final int HEIGHT = 520;

  private Plot() {}

  /** Ratios of CPU per operation, a group of bars for each scenario. */
  static void calls(List<BenchRow> rows, Path file) throws IOException {
    CategoryChart chart =
        new CategoryChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title("CPU per operation beside bare (1.0)")
            .theme(Styler.ChartTheme.XChart)
            .build();
    chart.getStyler().setLegendPosition(Styler.LegendPosition.OutsideE);
    chart.getStyler().setAvailableSpaceFill(0.9);
    List<String> configs = rows.stream().map(BenchRow::config).distinct().toList();
    List<String> scenarios = rows.stream().map(row -> row.scenario().name()).distinct().toList();
    for (String config : configs) {
      List<Double> values = new ArrayList<>();
      for (String scenario : scenarios) {
        values.add(
            rows.stream()
                .filter(row -> row.config().equals(config))
                .filter(row -> row.scenario().name().equals(scenario))
                .mapToDouble(BenchRow::cpu)
                .findFirst()
                .orElse(0));
      }
      chart.addSeries(config.equals("bare") ? "bare again" : config, scenarios, values);
    }
    BitmapEncoder.saveBitmap(chart, file.toString(), BitmapEncoder.BitmapFormat.PNG);
  }

  /** Time against open streams, both logarithmic: a straight line of slope one is linear. */
  static void streams(List<Scale.Row> rows, Path file) throws IOException {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title("Open streams in one JVM")
            .xAxisTitle("streams")
            .yAxisTitle("milliseconds")
            .build();
    chart.getStyler().setXAxisLogarithmic(true);
    chart.getStyler().setYAxisLogarithmic(true);
    double[] streams = rows.stream().mapToDouble(Scale.Row::streams).toArray();
    chart.addSeries("scrape", streams, values(rows, Scale.Row::scrapeMillis));
    chart.addSeries("watch, CPU per tick", streams, values(rows, Scale.Row::watchMillis));
    chart.addSeries("console, CPU per second", streams, values(rows, Scale.Row::consoleMillis));
    BitmapEncoder.saveBitmap(chart, file.toString(), BitmapEncoder.BitmapFormat.PNG);
  }

  private static double[] values(
      List<Scale.Row> rows, java.util.function.ToDoubleFunction<Scale.Row> value) {
    // A logarithmic axis has no zero.
    return rows.stream().mapToDouble(value).map(v -> Math.max(0.01, v)).toArray();
  }
}
