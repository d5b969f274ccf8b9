package io.streamgauge.gray;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.stub.StreamObserver;
import io.opentelemetry.api.baggage.Baggage;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigurablePropagatorProvider;
import io.streamgauge.testkit.fixture.Await;
import io.streamgauge.testkit.fixture.UnitTest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The tag on a thread: in both contexts while a scope is open, in neither afterwards. */
@UnitTest
class GrayTagsTest {

  private static final GrayTag BLUE = GrayTag.of("blue");

  private static final TextMapGetter<Map<String, String>> MAP =
      new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(Map<String, String> carrier) {
          return carrier.keySet();
        }

        @Override
        public String get(Map<String, String> carrier, String key) {
          return carrier.get(key);
        }
      };

  @AfterEach
  void nothingIsLeft() {
    assertThat(GrayTags.current()).isEmpty();
    assertThat(Context.current()).isSameAs(Context.root());
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "A1", "v2.3_rc-1", "12345678901234567890123456789012"})
  void aTagIsLettersDigitsAndAFewMarks(String value) {
    assertThat(GrayTag.of(value).value()).isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "-a", ".a", "a b", "a\n", "ä", "a,b", "123456789012345678901234567890123"})
  void anythingElseIsNone(String value) {
    assertThat(GrayTag.parse(value)).isEmpty();
    assertThatThrownBy(() -> GrayTag.of(value)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void itIsCurrentInBothContextsUntilTheScopeIsClosed() {
    try (Scope scope = GrayTags.makeCurrent(BLUE)) {
      assertThat(GrayTags.current()).contains(BLUE);
      assertThat(Baggage.current().getEntryValue("gray.tag")).isEqualTo("blue");
      // What drops OpenTelemetry's context still has gRPC's.
      try (Scope none = Context.root().makeCurrent()) {
        assertThat(GrayTags.current()).contains(BLUE);
      }
      try (Scope inner = GrayTags.makeCurrent(GrayTag.of("green"))) {
        assertThat(GrayTags.current()).contains(GrayTag.of("green"));
      }
      assertThat(GrayTags.current()).contains(BLUE);
    }
  }

  /** A copy of the library in another class loader writes nothing but the baggage. */
  @Test
  void aTagFromAnotherCopyIsSeen() {
    Baggage theirs = Baggage.builder().put("gray.tag", "green").build();
    try (Scope ours = GrayTags.makeCurrent(BLUE);
        Scope scope = Context.current().with(theirs).makeCurrent()) {
      assertThat(GrayTags.current()).contains(GrayTag.of("green"));
      assertThat(GrayTags.current().map(GrayTag::source)).contains(GrayTag.Source.BAGGAGE);
    }
  }

  @Test
  void wrappedWorkRunsWithWhatWasCurrent() throws Exception {
    List<Optional<GrayTag>> seen = new ArrayList<>();
    Runnable untagged = GrayTags.wrap(() -> seen.add(GrayTags.current()));
    StreamObserver<String> observer;
    ExecutorService pool = Executors.newSingleThreadExecutor();
    try (Scope scope = GrayTags.makeCurrent(BLUE)) {
      untagged.run();
      observer = GrayTags.wrap(new Recording(seen));
      GrayTags.wrap(pool).execute(() -> seen.add(GrayTags.current()));
    }
    Await.get(pool.submit(() -> seen.add(GrayTags.current())));
    pool.shutdown();
    observer.onNext("x");
    observer.onCompleted();
    observer.onError(new IllegalStateException());

    Optional<GrayTag> blue = Optional.of(BLUE);
    assertThat(seen).containsExactly(Optional.empty(), blue, Optional.empty(), blue, blue, blue);
  }

  private record Recording(List<Optional<GrayTag>> seen) implements StreamObserver<String> {
    @Override
    public void onNext(String value) {
      seen.add(GrayTags.current());
    }

    @Override
    public void onError(Throwable failure) {
      seen.add(GrayTags.current());
    }

    @Override
    public void onCompleted() {
      seen.add(GrayTags.current());
    }
  }

  @Test
  void anyCarrierCanTakeIt() {
    Map<String, String> message = new HashMap<>();
    GrayTags.inject(message, Map::put);
    assertThat(message).isEmpty();
    try (Scope scope = GrayTags.makeCurrent(BLUE)) {
      GrayTags.inject(message, Map::put);
    }
    assertThat(message).isEqualTo(Map.of("x-env-tag", "blue"));
    assertThat(GrayTags.extract(message, MAP)).contains(BLUE);
    assertThat(GrayTags.extract(Map.of("x-env-tag", "not a tag"), MAP)).isEmpty();
  }

  @Test
  void autoconfigurationFindsThePropagatorByName() {
    assertThat(ServiceLoader.load(ConfigurablePropagatorProvider.class))
        .anyMatch(provider -> provider.getName().equals("gray"));
  }

  @Test
  void thePropagatorOfAnEdgeReadsNothingAndTakesTheEntryAway() {
    GrayPropagator edge = GrayPropagator.create("x-env-tag", GrayIngress.EDGE);
    Context sent = GrayTags.with(Context.root(), BLUE);
    Context read = edge.extract(sent, Map.of("x-env-tag", "green"), MAP);
    assertThat(GrayTags.in(read)).isEmpty();
    assertThat(Baggage.fromContext(read).isEmpty()).isTrue();
  }
}
