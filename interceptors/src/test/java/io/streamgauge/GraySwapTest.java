package io.streamgauge;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.streamgauge.gray.GrayHops;
import io.streamgauge.gray.GrayPolicy;
import io.streamgauge.testkit.fixture.Await;
import io.streamgauge.testkit.fixture.Gate;
import io.streamgauge.testkit.fixture.TestHop;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestTransport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Properties;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rules change while calls are made: each call follows one of the two, none fails. */
class GraySwapTest {

  private static final int CALLS = 4_000;
  private static final int AT_ONCE = 100;

  @TempDir Path directory;

  private static String rules(int share) {
    return "streamgauge.gray.ingress=edge\n"
        + "streamgauge.gray.allow=blue\n"
        + "streamgauge.gray.derive.keys=x-user-id\n"
        + "streamgauge.gray.derive.salt=rel-1\n"
        + "streamgauge.gray.derive.groups=blue:0-"
        + (share * 100 - 1)
        + "\n";
  }

  private static GrayHops watching(Path file) throws Exception {
    return new GrayHops(
        builder -> builder.configFile(file),
        TestHop::create,
        server -> {},
        TestTransport.NETTY_SHADED::channel);
  }

  /** A new time even where the clock of the file system is coarse. */
  private static void write(Path file, String text) throws Exception {
    FileTime before = Files.exists(file) ? Files.getLastModifiedTime(file) : FileTime.fromMillis(0);
    Files.writeString(file, text);
    Files.setLastModifiedTime(file, FileTime.fromMillis(before.toMillis() + 2_000));
  }

  @Test
  void fromFiveToFiftyPerCentUnderLoad() throws Exception {
    Path file = directory.resolve("streamgauge.properties");
    write(file, rules(5));
    try (GrayHops hops = watching(file)) {
      Load load = new Load(hops);
      load.run(CALLS);
      assertThat(load.gray.get() / (double) CALLS).isBetween(0.035, 0.065);
      write(file, rules(50));
      // Calls go on while the file is being noticed.
      await()
          .until(
              () -> {
                load.run(50);
                return hops.sum("streamgauge_config_changes_total", "outcome", "applied") == 1;
              });
      load.gray.set(0);
      load.run(CALLS);
      assertThat(load.gray.get() / (double) CALLS).isBetween(0.46, 0.54);
      assertThat(load.failed).isEmpty();

      // A file that is wrong changes nothing.
      write(file, "streamgauge.gray.derive.groups=blue:9-1\n");
      await().until(() -> hops.sum("streamgauge_config_changes_total", "outcome", "refused") == 1);
      load.gray.set(0);
      load.run(CALLS);
      assertThat(load.gray.get() / (double) CALLS).isBetween(0.46, 0.54);
    }
  }

  private static final class Load {
    private final GrayHops hops;
    private final AtomicInteger gray = new AtomicInteger();
    private final Queue<String> failed = new ConcurrentLinkedQueue<>();
    private final Semaphore room = new Semaphore(AT_ONCE);

    Load(GrayHops hops) {
      this.hops = hops;
    }

    void run(int calls) throws InterruptedException {
      for (int i = 0; i < calls; i++) {
        Await.acquire(room, 1);
        ClientCall<String, String> call =
            hops.stranger.newCall(TestMethods.UNARY, CallOptions.DEFAULT);
        call.start(
            new ClientCall.Listener<>() {
              @Override
              public void onMessage(String seen) {
                if (seen.startsWith("null|blue|")) {
                  gray.incrementAndGet();
                }
              }

              @Override
              public void onClose(Status status, Metadata trailers) {
                if (!status.isOk()) {
                  failed.add(status.toString());
                }
                room.release();
              }
            },
            GrayHops.headers("x-user-id", "user-" + i));
        call.request(2);
        call.sendMessage("go");
        call.halfClose();
      }
      Await.acquire(room, AT_ONCE);
      room.release(AT_ONCE);
    }
  }

  @Gate("R14")
  @Test
  void theFileMaySwitchOffAndOnToo() throws Exception {
    Path file = directory.resolve("streamgauge.properties");
    write(file, "streamgauge.enabled=true\n");
    try (GrayHops hops = watching(file)) {
      hops.seen();
      write(file, "streamgauge.enabled=false\nstreamgauge.stall.after=3s\n");
      await().until(() -> hops.sum("streamgauge_config_changes_total", "outcome", "applied") == 1);
      hops.seen();
      assertThat(hops.sum("grpc_server_started_total")).isEqualTo(1);

      // A key that leaves the file is as it was before.
      write(file, "streamgauge.stall.after=3s\n");
      await().until(() -> hops.sum("streamgauge_config_changes_total", "outcome", "applied") == 2);
      hops.seen();
      assertThat(hops.sum("grpc_server_started_total")).isEqualTo(2);
    }
  }

  @Test
  void aFileThatIsMissingOrWrongFailsAtStart() throws Exception {
    Path file = directory.resolve("streamgauge.properties");
    StreamgaugeBuilder missing = Streamgauge.builder().configFile(file);
    assertThatThrownBy(missing::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("streamgauge.config-file");
    write(file, "streamgauge.gray.ingres=edge\n");
    StreamgaugeBuilder unknown = Streamgauge.builder().configFile(file);
    assertThatThrownBy(unknown::build).hasMessageContaining("streamgauge.gray.ingres");
    write(file, "streamgauge.mdc=true\n");
    StreamgaugeBuilder fixed = Streamgauge.builder().configFile(file);
    assertThatThrownBy(fixed::build).hasMessageContaining("streamgauge.mdc");
  }

  @ParameterizedTest
  @CsvSource({
    "streamgauge.gray.ingress, maybe",
    "streamgauge.gray.on-invalid, yes",
    "streamgauge.gray.header, bad header",
    "streamgauge.gray.allow, bad tag",
    "streamgauge.gray.derive.where, here",
    "streamgauge.gray.derive.groups, blue",
    "streamgauge.gray.instance-tag, bad tag",
    "streamgauge.gray.metrics.max-tags, 11",
    "streamgauge.gray.metrics.max-tags, many",
    "streamgauge.gray.enabled, perhaps"
  })
  void aWrongValueNamesItsKey(String key, String value) {
    Properties properties = new Properties();
    properties.setProperty(key, value);
    StreamgaugeBuilder builder = Streamgauge.builder().fromEnvironment(Map.of(), properties);
    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(key + ":");
  }

  @Test
  void theEnvironmentMakesThePolicy() {
    Properties properties = new Properties();
    properties.setProperty("streamgauge.gray.allow", "blue, green");
    Map<String, String> environment =
        Map.of(
            "STREAMGAUGE_GRAY_METRICS_MAX_TAGS", "1",
            "STREAMGAUGE_GRAY_ON_INVALID", "reject",
            "STREAMGAUGE_GRAY_EGRESS_PROPAGATE_TO", "*.internal",
            "STREAMGAUGE_GRAY_ALIASES", "x-mse-tag,x-gray-tag");
    try (Streamgauge gauge =
        Streamgauge.builder().fromEnvironment(environment, properties).build()) {
      assertThat(gauge.grayPolicy().lanes()).containsExactly("blue");
    }
  }

  @Gate("R14")
  @Test
  void switchedOffNothingIsTouched() throws Exception {
    try (GrayHops hops =
        new GrayHops(
            builder -> builder.grayEnabled(false),
            TestHop::create,
            server -> {},
            TestTransport.NETTY_SHADED::channel)) {
      assertThat(hops.seen("x-env-tag", "blue", "baggage", "gray.tag=blue"))
          .isEqualTo("null|null|gray.tag=blue");
      assertThatThrownBy(() -> hops.gauge.grayPolicy(GrayPolicy.builder().build()))
          .isInstanceOf(IllegalStateException.class);
    }
  }
}
