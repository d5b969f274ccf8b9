package io.streamgauge.ordersync.flow;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FlowLimitsWatchTest {

  @TempDir Path directory;
  private Path file;
  private final List<Boolean> reloads = new CopyOnWriteArrayList<>();

  @BeforeEach
  void name() {
    file = directory.resolve("limits.properties");
  }

  private void write(String text) throws IOException {
    // As an editor or a mounted ConfigMap does it: never half a file.
    Path next = Files.writeString(directory.resolve("next"), text);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  @Test
  void aGoodChangeIsTakenAndABadOneChangesNothing() throws Exception {
    write("backlog.high=100\nbacklog.policy=drop_oldest\n");
    try (FlowLimitsWatch watch = new FlowLimitsWatch(file, reloads::add)) {
      assertThat(watch.get().high()).isEqualTo(100);
      assertThat(watch.get().low()).isEqualTo(50);
      assertThat(watch.get().policy()).isEqualTo(OverflowPolicy.DROP_OLDEST);
      assertThat(watch.get().maxStreams()).isEqualTo(FlowLimits.DEFAULT.maxStreams());

      write("backlog.high=200\nbacklog.policy=block-until-drain\n");
      await().until(() -> watch.get().high() == 200);
      assertThat(watch.get().policy()).isEqualTo(OverflowPolicy.BLOCK_UNTIL_DRAIN);

      write("backlog.high=none\n");
      await().until(() -> reloads.contains(false));
      assertThat(watch.get().high()).isEqualTo(200);

      Files.delete(file);
      write("backlog.high=300\n");
      await().until(() -> watch.get().high() == 300);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "backlog.hihg=1|backlog.hihg",
        "backlog.high=0|backlog.high",
        "backlog.high=-5|backlog.high",
        "backlog.high=1e3|backlog.high",
        "backlog.high=|backlog.high",
        "backlog.high=99999999999|backlog.high",
        "backlog.low=9000|backlog.low",
        "backlog.policy=REJECT|backlog.policy",
        "backlog.wait-millis=0|backlog.wait-millis",
        "stream.per-100ms=0|stream.per-100ms",
        "streams.max=0|streams.max",
        "streams.ready=x|streams.ready"
      })
  void whatIsWrongAtStartIsNamed(String text, String key) throws Exception {
    write(text);
    assertThatThrownBy(() -> new FlowLimitsWatch(file, reloads::add))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(key);
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> new FlowLimitsWatch(file, reloads::add))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.toString());
  }
}
