package io.streamgauge.testkit.contract;

import io.grpc.ManagedChannelBuilder;
import io.grpc.ServerBuilder;
import io.opentelemetry.api.OpenTelemetry;
import io.streamgauge.testkit.fixture.TestSeries;
import io.streamgauge.testkit.fixture.TestSpan;
import java.util.List;

/** What a suite is run against: the library, or the agent. */
public interface StreamSubject extends AutoCloseable {

  /** Attaches to a server; does nothing where an agent attaches by itself. */
  void attach(ServerBuilder<?> server);

  /** Attaches to a channel; does nothing where an agent attaches by itself. */
  void attach(ManagedChannelBuilder<?> channel);

  TestSeries scrape();

  /** The spans that have ended so far. */
  List<TestSpan> spans();

  /** What the tests' own spans are made with. */
  OpenTelemetry openTelemetry();

  /** Whether SLF4J's MDC carries the ids during callbacks. */
  boolean fillsMdc();

  /** Whether the subject can ask the transport's thread for a sign of life. */
  boolean seesTransportThread();

  @Override
  void close();
}
