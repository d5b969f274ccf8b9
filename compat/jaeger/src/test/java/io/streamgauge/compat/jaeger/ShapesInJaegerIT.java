package io.streamgauge.compat.jaeger;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.compat.jaeger.JaegerTrace.JaegerSpan;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Shapes of spans that Jaeger shows badly, and the shapes we send instead, as OTLP in {@code
 * shapes/}. The wrong ones show that the tests beside this one can fail.
 */
class ShapesInJaegerIT {

  /** The start of the streams, and their end a day later, microseconds. */
  private static final long START = 1_796_000_000_000_000L;

  private static final long DAY = 86_400_000_000L;

  private static Jaeger jaeger;

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    jaeger = Jaeger.start(directory);
  }

  @AfterAll
  static void stop() throws Exception {
    if (jaeger != null) {
      jaeger.close();
    }
  }

  private static JaegerTrace sent(String name) throws IOException, InterruptedException {
    String text;
    try (InputStream file =
        ShapesInJaegerIT.class.getResourceAsStream("/shapes/" + name + ".json")) {
      text = new String(file.readAllBytes(), StandardCharsets.UTF_8);
    }
    jaeger.post(text);
    List<String> ids =
        Pattern.compile("\\{\\s*\"traceId\": \"(\\w+)\",\\s*\"spanId\": \"\\w+\",\\s*\"name\"")
            .matcher(text)
            .results()
            .map(match -> match.group(1))
            .toList();
    await()
        .until(
            () -> {
              JaegerTrace trace = jaeger.trace(ids.get(0));
              return trace != null && trace.spans().size() == ids.size();
            });
    return jaeger.trace(ids.get(0));
  }

  @ParameterizedTest
  @CsvSource({
    "marker-before-call, 1, 0, clock skew adjustment disabled",
    "open-stream, 4, 1, invalid parent span IDs",
    "continued-trace, 3, 1, invalid parent span IDs",
    "marker-with-a-length, 3, 0, clock skew adjustment disabled",
  })
  void warnings(String shape, int wrong, int right, String words) throws Exception {
    assertThat(warned(sent(shape + "-wrong")))
        .hasSize(wrong)
        .allSatisfy(span -> assertThat(span.warnings()).asString().contains(words));
    assertThat(warned(sent(shape + "-right"))).hasSize(right);
  }

  /** Jaeger's view of a call of any instrumentation; other tests allow for it. */
  @Test
  void aServerThatHearsOfTheEndAfterItsClient() throws Exception {
    assertThat(warned(sent("server-ends-last"))).singleElement().matches(s -> s.isCall("server"));
  }

  private static List<JaegerSpan> warned(JaegerTrace trace) {
    return trace.spans().stream().filter(span -> !span.warnings().isEmpty()).toList();
  }

  /**
   * A search for failures over the hour in which the stream failed. It asks for {@code error.type}:
   * {@code error=true} finds no error in the memory of Jaeger 1.76.0.
   */
  @Test
  void aStreamOfADayThatFails() throws Exception {
    JaegerTrace wrong = sent("day-long-stream-wrong");
    JaegerTrace right = sent("day-long-stream-right");
    List<JaegerTrace> found =
        jaeger.search(
            Map.of(
                "service",
                "client",
                "tags",
                "{\"error.type\":\"UNAVAILABLE\"}",
                "start",
                String.valueOf(START + DAY - 3_600_000_000L),
                "end",
                String.valueOf(START + DAY)));
    assertThat(found).extracting(JaegerTrace::id).contains(right.id()).doesNotContain(wrong.id());
  }
}
