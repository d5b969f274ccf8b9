package io.streamgauge.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.joran.spi.JoranException;
import io.grpc.Metadata;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.streamgauge.internal.tracing.RequestMetadata;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** A real Logback with the configuration docs/tracing.md shows. */
@Isolated("replaces System.out")
class TraceConverterTest {

  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String SPAN = "b7ad6b7169203331";

  private static String log(String pattern, Runnable logging, LoggerContext context)
      throws JoranException {
    String configuration =
        "<configuration><conversionRule conversionWord='trace'"
            + " converterClass='io.streamgauge.logging.TraceConverter'/>"
            + "<appender name='A' class='ch.qos.logback.core.ConsoleAppender'>"
            + "<encoder><pattern>"
            + pattern
            + "</pattern></encoder></appender>"
            + "<root level='INFO'><appender-ref ref='A'/></root></configuration>";
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    PrintStream console = System.out;
    System.setOut(new PrintStream(written, true, StandardCharsets.UTF_8));
    try {
      context.setMDCAdapter(new LogbackMDCAdapter());
      JoranConfigurator configurator = new JoranConfigurator();
      configurator.setContext(context);
      configurator.doConfigure(
          new ByteArrayInputStream(configuration.getBytes(StandardCharsets.UTF_8)));
      logging.run();
    } finally {
      context.stop();
      System.setOut(console);
    }
    return written.toString(StandardCharsets.UTF_8);
  }

  private static Context traced() {
    return Context.root()
        .with(
            Span.wrap(
                SpanContext.create(TRACE, SPAN, TraceFlags.getSampled(), TraceState.getDefault())));
  }

  @Test
  void aLineHasTheIdsThatAreCurrentWhenItIsWritten() throws Exception {
    LoggerContext context = new LoggerContext();
    Logger logger = context.getLogger("test");
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("x-request-id", Metadata.ASCII_STRING_MARSHALLER), "r-1");
    Context request = RequestMetadata.requestId(headers, Span.getInvalid(), traced());

    String lines =
        log(
            "[%trace] %msg%n",
            () -> {
              logger.info("outside");
              try (Scope scope = traced().makeCurrent()) {
                logger.info("inside");
              }
              try (Scope scope = request.makeCurrent()) {
                logger.info("request");
              }
            },
            context);

    String ids = "trace_id=" + TRACE + " span_id=" + SPAN;
    assertThat(lines.lines())
        .containsExactly(
            "[] outside", "[" + ids + "] inside", "[" + ids + " request_id=r-1] request");
  }

  @Test
  void oneKeyCanBeAskedFor() throws Exception {
    LoggerContext context = new LoggerContext();
    Logger logger = context.getLogger("test");
    String lines =
        log(
            "%trace{span_id} %msg%n",
            () -> {
              try (Scope scope = traced().makeCurrent()) {
                logger.info("inside");
              }
            },
            context);
    assertThat(lines.lines()).containsExactly(SPAN + " inside");
  }
}
