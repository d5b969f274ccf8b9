package io.streamgauge.internal.grpc;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCalls;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.baggage.propagation.W3CBaggagePropagator;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.prometheus.client.CollectorRegistry;
import io.streamgauge.Cost;
import io.streamgauge.Streamgauge;
import io.streamgauge.StreamgaugeBuilder;
import io.streamgauge.gray.GrayTag;
import io.streamgauge.gray.GrayTags;
import io.streamgauge.testkit.fixture.TestMethods;
import io.streamgauge.testkit.fixture.TestPair;
import io.streamgauge.testkit.fixture.TestTransport;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.ObjectName;

/** Prints the bytes that a unary call makes of each of our classes; for {@link CallBytesTest}. */
final class CallBytesMain {

  private static final int CALLS = 1_000;

  private static final Pattern LINE =
      Pattern.compile("\\s*\\d+:\\s+(\\d+)\\s+(\\d+)\\s+(io\\.streamgauge\\.\\S+).*");

  private CallBytesMain() {}

  public static void main(String[] args) throws Exception {
    CallOptions options = options(args[0]);
    try (Streamgauge gauge = gauge(args[0]);
        TestPair pair = TestPair.open(TestTransport.NETTY_SHADED, gauge::install, gauge::install)) {
      call(pair.channel(), options);
      Map<String, Made> before = ours();
      call(pair.channel(), options);
      ours()
          .forEach(
              (name, all) -> {
                Made made = all.since(before.getOrDefault(name, new Made(0, 0)));
                // A reader that happens to come by leaves a few objects, and a second on a slow
                // machine a few exemplars.
                if (made.objects > CALLS / 2) {
                  System.out.println("bytes " + name + " " + made.bytes / (double) CALLS);
                }
              });
    }
  }

  /** Of numbers, light numbers, or everything. */
  static Streamgauge gauge(String what) {
    StreamgaugeBuilder builder = Streamgauge.builder().prometheus(new CollectorRegistry());
    switch (what) {
      case "everything" -> builder.openTelemetry(sdk());
      case "light" -> builder.grayEnabled(false).cost(Cost.LIGHT);
      default -> builder.grayEnabled(false);
    }
    return builder.build();
  }

  /** With a tag where everything is on. */
  static CallOptions options(String what) {
    return what.equals("everything")
        ? CallOptions.DEFAULT.withOption(GrayTags.CALL_OPTION, GrayTag.of("canary"))
        : CallOptions.DEFAULT;
  }

  /** Every call is sampled, and its spans go nowhere. */
  private static OpenTelemetry sdk() {
    return OpenTelemetrySdk.builder()
        .setTracerProvider(
            SdkTracerProvider.builder()
                .setSampler(Sampler.parentBased(Sampler.alwaysOn()))
                .addSpanProcessor(BatchSpanProcessor.builder(SpanExporter.composite()).build())
                .build())
        .setPropagators(
            ContextPropagators.create(
                TextMapPropagator.composite(
                    W3CTraceContextPropagator.getInstance(), W3CBaggagePropagator.getInstance())))
        .build();
  }

  private static void call(ManagedChannel channel, CallOptions options) {
    for (int i = 0; i < CALLS; i++) {
      ClientCalls.blockingUnaryCall(channel, TestMethods.UNARY, options, "hello");
    }
  }

  /** What was made of one class. */
  private record Made(long objects, long bytes) {
    Made since(Made before) {
      return new Made(objects - before.objects, bytes - before.bytes);
    }
  }

  /** By class of ours, garbage included. */
  private static Map<String, Made> ours() throws Exception {
    String histogram =
        (String)
            ManagementFactory.getPlatformMBeanServer()
                .invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"),
                    "gcClassHistogram",
                    new Object[] {new String[] {"-all"}},
                    new String[] {String[].class.getName()});
    Map<String, Made> made = new TreeMap<>();
    histogram
        .lines()
        .map(LINE::matcher)
        .filter(Matcher::matches)
        .filter(line -> !line.group(3).contains(".testkit."))
        .forEach(
            line ->
                made.put(
                    line.group(3),
                    new Made(Long.parseLong(line.group(1)), Long.parseLong(line.group(2)))));
    return made;
  }
}
