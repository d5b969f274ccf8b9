package io.streamgauge.ordersync.load;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.opentelemetry.api.OpenTelemetry;
import io.streamgauge.Streamgauge;
import io.streamgauge.ordersync.flow.FlowLimits;
import io.streamgauge.ordersync.flow.OverflowPolicy;
import io.streamgauge.ordersync.server.ServerRig;
import io.streamgauge.ordersync.telemetry.InCode;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A load at a real server; how fast it is, is no question here. */
class LoadDriverTest {

  @TempDir Path directory;

  private final Streamgauge gauge = Streamgauge.builder().build();
  private final InCode attachment =
      new InCode(gauge, OpenTelemetry.noop().getTracer("test"), gauge::close);
  private volatile FlowLimits limits = FlowLimits.DEFAULT;
  private ServerRig rig;

  @BeforeEach
  void start() throws Exception {
    rig = ServerRig.start(attachment, directory, 0, () -> limits, null);
  }

  @AfterEach
  void stop() {
    rig.close();
    attachment.close();
  }

  private LoadResult run(int slowAcks, List<String> progress) throws Exception {
    LoadSettings settings = new LoadSettings(rig.server().port(), 4, 400, 1, 2, 1, 0.25, slowAcks);
    try (LoadDriver driver = new LoadDriver(attachment, settings)) {
      return driver.run(progress::add);
    }
  }

  @Test
  void whatIsOfferedIsMeasuredAndReported() throws Exception {
    List<String> progress = new CopyOnWriteArrayList<>();
    LoadResult result = run(0, progress);
    // By the clock, whatever the server does: 400 a second for two seconds, or a little more.
    assertThat(result.offered()).isBetween(700L, 2_000L);
    assertThat(result.acked()).isPositive();
    assertThat(result.broken()).isZero();
    assertThat(result.latencies().getTotalCount()).isEqualTo(result.acked());
    assertThat(progress).hasSize(3);

    JsonObject json = JsonParser.parseString(result.json()).getAsJsonObject();
    assertThat(json.get("acked").getAsLong()).isEqualTo(result.acked());
    assertThat(json.getAsJsonObject("ack_latency_ms").keySet())
        .containsExactly("p50", "p90", "p99", "p99.9", "p100");
    assertThat(result.table()).contains("p99 ms").contains(String.valueOf(result.acked()));
  }

  @Test
  void refusalsAreSentAgainAndASlowConsumerFallsBehind() throws Exception {
    // Half of what each stream is offered.
    limits = new FlowLimits(5, 2, OverflowPolicy.REJECT_NEW, 100, 5, 100, 100);
    LoadResult result = run(5, new CopyOnWriteArrayList<>());
    assertThat(result.acked()).isPositive();
    assertThat(result.again()).as("refused and sent again").isPositive();
    assertThat(result.broken()).isZero();
    assertThat(result.behind()).isPositive();
  }
}
