package io.streamgauge.javaagent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.streamgauge.testkit.fixture.TestJvm;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What attaching costs until the first answer, side by side in one run: {@code mvn verify -pl … -am
 * -Dit.test=StartupFiguresIT -Dstartup.rounds=9}. Prints the table of docs/javaagent.md; asserts
 * nothing about time.
 */
class StartupFiguresIT {

  private static final String LEAN = "-Dstreamgauge.profile=lean";

  @Test
  void figures() throws Exception {
    int rounds = Integer.getInteger("startup.rounds", 0);
    assumeTrue(rounds > 0, "measured only with -Dstartup.rounds=N");
    Map<String, List<long[]>> figures = new LinkedHashMap<>();
    for (int round = 0; round <= rounds; round++) {
      for (Map.Entry<String, List<String>> way : ways().entrySet()) {
        TestJvm.Outcome outcome =
            new TestJvm()
                .options("-XX:TieredStopAtLevel=4") // as an application would be started
                .options(way.getValue().toArray(new String[0]))
                .run(FirstCall.class.getName());
        assertThat(outcome.code()).as(outcome.output()).isZero();
        String[] words = outcome.lines("first call: ").get(0).split(" ", -1);
        if (round > 0) { // the first fills the disk's cache
          figures
              .computeIfAbsent(way.getKey(), key -> new ArrayList<>())
              .add(new long[] {Long.parseLong(words[2]), Long.parseLong(words[3])});
        }
      }
    }
    print(figures);
  }

  private static Map<String, List<String>> ways() {
    Map<String, List<String>> ways = new LinkedHashMap<>();
    ways.put("no agent", List.of());
    ways.put("upstream agent", agent(AgentJvm.UPSTREAM));
    ways.put("ours, full", agent(AgentJvm.AGENT));
    ways.put("ours, lean", agent(AgentJvm.AGENT, LEAN));
    return ways;
  }

  private static List<String> agent(Path agent, String... options) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "-javaagent:" + agent,
                "-Dotel.metrics.exporter=none",
                "-Dotel.logs.exporter=none",
                "-Dotel.traces.exporter=none"));
    all.addAll(List.of(options));
    return all;
  }

  private static void print(Map<String, List<long[]>> figures) {
    double none = median(figures.get("no agent"), 0);
    double upstream = median(figures.get("upstream agent"), 0) - none;
    System.out.println("| | CPU s to first answer | added | of upstream's | wall s |");
    System.out.println("|---|---|---|---|---|");
    figures.forEach(
        (way, values) -> {
          double added = median(values, 0) - none;
          System.out.println(
              String.format(
                  Locale.ROOT,
                  "| %s | %.2f | %.2f | %.2f | %.2f |",
                  way,
                  median(values, 0),
                  added,
                  added / upstream,
                  median(values, 1)));
        });
  }

  private static double median(List<long[]> values, int index) {
    long[] sorted = values.stream().mapToLong(value -> value[index]).sorted().toArray();
    return sorted[sorted.length / 2] / 1_000.0;
  }
}
