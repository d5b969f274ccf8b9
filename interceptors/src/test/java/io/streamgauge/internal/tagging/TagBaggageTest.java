package io.streamgauge.internal.tagging;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Metadata;
import io.streamgauge.gray.GrayTag;
import io.streamgauge.testkit.fixture.UnitTest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Our entry in the baggage header (W3C Baggage), beside whatever else is in there. */
@UnitTest
class TagBaggageTest {

  private final Metadata headers = new Metadata();

  private void put(String... values) {
    for (String value : values) {
      headers.put(TagBaggage.HEADER, value);
    }
  }

  private List<String> sent() {
    List<String> values = new ArrayList<>();
    Iterable<String> all = headers.getAll(TagBaggage.HEADER);
    if (all != null) {
      all.forEach(values::add);
    }
    return values;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "null",
      value = {
        "gray.tag=blue | blue",
        "tenant=acme,gray.tag=blue | blue",
        "gray.tag=blue,tenant=acme | blue",
        "gray.tag=blue;ttl=1 | blue",
        "gray.tag = blue | blue",
        "gray.tag=not%20a%20tag | not a tag",
        "xgray.tag=blue | null",
        "gray.tags=blue | null",
        "tenant=gray.tag | null",
        "tenant=acme | null",
        "'' | null",
        "gray.tag | null",
        "null | null"
      })
  void theEntryIsReadFromOneHeader(String header, String value) {
    assertThat(TagBaggage.read(header)).isEqualTo(value);
  }

  @Test
  void theEntryIsReadFromTheFirstHeaderThatHasIt() {
    assertThat(TagBaggage.read(headers)).isNull();
    put("tenant=acme", "gray.tag=blue", "gray.tag=green");

    assertThat(TagBaggage.read(headers)).isEqualTo("blue");
  }

  @Test
  void writingSaysTheTagOnceAndKeepsTheOthers() {
    put("tenant=acme;p=1, gray.tag=green", "gray.tag=red,region=eu");
    TagBaggage.write(headers, GrayTag.of("blue"), false);
    assertThat(sent()).containsExactly("tenant=acme;p=1,region=eu,gray.tag=blue");
    TagBaggage.write(headers, GrayTag.of("blue"), false);

    assertThat(sent()).containsExactly("tenant=acme;p=1,region=eu,gray.tag=blue");
  }

  @Test
  void writingIntoNothingMakesTheHeader() {
    TagBaggage.write(headers, GrayTag.of("blue"), false);

    assertThat(sent()).containsExactly("gray.tag=blue");
  }

  @Test
  void removingTakesOurEntryAndNoOther() {
    put("tenant=acme", "gray.tag=green;ttl=1,gray.tags=x");
    TagBaggage.remove(headers);

    assertThat(sent()).containsExactly("tenant=acme,gray.tags=x");
  }

  @Test
  void removingTheLastEntryRemovesTheHeader() {
    put("gray.tag=green");
    TagBaggage.remove(headers);

    assertThat(headers.containsKey(TagBaggage.HEADER)).isFalse();
  }

  @Test
  void headersWithoutOurEntryAreLeftAsTheyAre() {
    put("tenant=acme , region=eu", "b=2");
    TagBaggage.remove(headers);
    assertThat(sent()).containsExactly("tenant=acme , region=eu", "b=2");
    Metadata none = new Metadata();
    TagBaggage.remove(none);

    assertThat(none.keys()).isEmpty();
  }

  @Test
  void aValueWithoutOurEntryMayBeNothing() {
    assertThat(TagBaggage.without("gray.tag=blue")).isNull();
    assertThat(TagBaggage.without("a=1,gray.tag=blue,,b=2")).isEqualTo("a=1,b=2");
  }
}
