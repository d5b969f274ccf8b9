package io.streamgauge.benchmarks.runner;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The gate on what a message allocates, with everything on: medians over some JVMs beside bare ones
 * in the same run. Time is not judged here.
 */
class BytesIT {

  private static final int ROUNDS = 3;

  /**
   * A median of two is their mean, and in one JVM of many the compiler leaves an object on the heap
   * that it leaves out in the others.
   */
  private static final int JVMS = 3;

  private static Map<String, Double> bytes(BenchScenario scenario) throws Exception {
    return bytes(scenario, BenchRow::bytes);
  }

  private static Map<String, Double> bytes(
      BenchScenario scenario, Function<BenchRow, Double> figure) throws Exception {
    List<BenchConfig> ours = BenchConfig.ALL.stream().filter(BytesIT::isGated).toList();
    return new Interleave(Path.of(".."), ours, ROUNDS, JVMS, System.out::println)
        .run(scenario).stream().collect(Collectors.toMap(BenchRow::config, figure));
  }

  private static boolean isGated(BenchConfig config) {
    return List.of("ours-gray", "ours-everything").contains(config.name());
  }

  @Test
  void aRoundTripOnALongStreamAllocatesNothing() throws Exception {
    assertThat(bytes(BenchScenario.S2))
        .hasSize(3)
        .allSatisfy((config, more) -> assertThat(more).as(config).isLessThan(1));
  }

  /**
   * Netty's own allocation varies by some sixteen bytes from JVM to JVM; an object of ours would be
   * in each of them, so the lowest is judged.
   */
  @Test
  @Tag("full")
  void aMessageOverNettyAllocatesNothingOfOurs() throws Exception {
    Map<String, Double> bytes = bytes(BenchScenario.S3, BenchRow::bytesLow);
    double bare = bytes.remove("bare");
    assertThat(bytes)
        .hasSize(2)
        .allSatisfy(
            (config, more) -> assertThat(Math.min(more, more - bare)).as(config).isLessThan(15));
  }

  /**
   * Of a call there is no such promise; this is where it stood, so that it does not creep up. What
   * the compiler leaves out differs from JVM to JVM by a few hundred bytes.
   */
  @Test
  @Tag("full")
  void aCallStaysWhereItWas() throws Exception {
    Map<String, Double> bytes = bytes(BenchScenario.S1);
    assertThat(bytes.get("ours-everything")).isLessThan(1_500);
  }
}
