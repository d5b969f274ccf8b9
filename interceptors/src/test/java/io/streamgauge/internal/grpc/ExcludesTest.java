package io.streamgauge.internal.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.stub.ClientCalls;
import io.prometheus.client.CollectorRegistry;
import io.streamgauge.Streamgauge;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestPair;
import io.streamgauge.testkit.fixture.TestTransport;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** A name in {@code streamgauge.exclude} that matches nothing is said once. */
@Isolated("looks at the log")
class ExcludesTest {

  private final List<String> logged = new CopyOnWriteArrayList<>();
  private final Logger logger = Logger.getLogger("io.streamgauge");
  private final Handler lines =
      new Handler() {
        @Override
        public void publish(LogRecord line) {
          logged.add(new SimpleFormatter().formatMessage(line));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void listen() {
    logger.addHandler(lines);
  }

  @AfterEach
  void stopListening() {
    logger.removeHandler(lines);
  }

  private void call(String... excluded) throws Exception {
    Streamgauge gauge =
        Streamgauge.builder().prometheus(new CollectorRegistry()).exclude(excluded).build();
    try (TestPair pair = TestPair.open(TestTransport.IN_PROCESS, gauge::install, gauge::install)) {
      for (int i = 0; i < 3 * Excludes.CALLS; i++) {
        ClientCalls.blockingUnaryCall(
            pair.channel(), TestMethods.UNARY, CallOptions.DEFAULT, "hello");
      }
      ClientCalls.blockingServerStreamingCall(
              pair.channel(), TestMethods.SERVER_STREAM, CallOptions.DEFAULT, "count:1")
          .forEachRemaining(answer -> {});
    }
    gauge.close();
  }

  @Test
  void aMisspeltNameIsOneWarningWithTheOneThatIsNear() throws Exception {
    call("streamgauge.test.Ehco");

    assertThat(logged)
        .containsExactly(
            "streamgauge.exclude: 'streamgauge.test.Ehco' was the name of none of the first calls;"
                + " did you mean streamgauge.test.Echo?");
  }

  @Test
  void aNameThatMatchesAndTheDefaultsAreNone() throws Exception {
    call("streamgauge.test.Echo/Unary", "grpc.health.v1.Health");
    assertThat(logged).isEmpty();
  }
}
