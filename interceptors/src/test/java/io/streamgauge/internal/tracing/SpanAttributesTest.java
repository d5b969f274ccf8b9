package io.streamgauge.internal.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.common.AttributeKey;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Every attribute is one the semantic conventions publish, or under a prefix we document. */
class SpanAttributesTest {

  private static final List<String> OURS = List.of("grpc.stream.", "streamgauge.", "gray.");

  private static List<String> keysOf(Class<?> type) throws IllegalAccessException {
    List<String> keys = new ArrayList<>();
    for (Field field : type.getDeclaredFields()) {
      if (AttributeKey.class.isAssignableFrom(field.getType())) {
        field.setAccessible(true);
        keys.add(((AttributeKey<?>) field.get(null)).getKey());
      }
    }
    return keys;
  }

  private static Set<String> published() throws ReflectiveOperationException {
    Set<String> published = new TreeSet<>();
    for (String name :
        List.of("RpcAttributes", "ErrorAttributes", "ServerAttributes", "NetworkAttributes")) {
      published.addAll(keysOf(Class.forName("io.opentelemetry.semconv." + name)));
    }
    return published;
  }

  /** Short forms in the table: {@code a.{b,c}} stands for two. */
  @Test
  void everyAttributeIsInTheGuide() throws Exception {
    String guide = Files.readString(Path.of("../docs/tracing.md"));
    for (String key : keysOf(SpanAttributes.class)) {
      int dot = key.lastIndexOf('.');
      boolean shortForm =
          Pattern.compile(
                  Pattern.quote(key.substring(0, dot + 1) + "{")
                      + "[^}]*\\b"
                      + Pattern.quote(key.substring(dot + 1))
                      + "\\b")
              .matcher(guide)
              .find();
      assertThat(shortForm || guide.contains("`" + key + "`")).as(key).isTrue();
    }
  }

  @Test
  void everyAttributeIsPublishedOrOurs() throws ReflectiveOperationException {
    Set<String> published = published();
    assertThat(published).hasSizeGreaterThan(4);
    for (String key : keysOf(SpanAttributes.class)) {
      assertThat(published.contains(key) || OURS.stream().anyMatch(key::startsWith))
          .as(key)
          .isTrue();
    }
  }
}
