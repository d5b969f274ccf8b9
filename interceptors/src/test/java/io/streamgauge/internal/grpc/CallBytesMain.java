package io.streamgauge.internal.grpc;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCalls;
import io.prometheus.client.CollectorRegistry;
import io.streamgauge.Streamgauge;
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
      Pattern.compile("\\s*\\d+:\\s+\\d+\\s+(\\d+)\\s+(io\\.streamgauge\\.\\S+).*");

  private CallBytesMain() {}

  public static void main(String[] args) throws Exception {
    try (Streamgauge gauge =
            Streamgauge.builder().grayEnabled(false).prometheus(new CollectorRegistry()).build();
        TestPair pair = TestPair.open(TestTransport.NETTY_SHADED, gauge::install, gauge::install)) {
      call(pair.channel(), CALLS);
      Map<String, Long> before = ours();
      call(pair.channel(), CALLS);
      ours()
          .forEach(
              (name, bytes) -> {
                double each = (bytes - before.getOrDefault(name, 0L)) / (double) CALLS;
                // A reader that happens to come by leaves a few objects.
                if (each > 1) {
                  System.out.println("bytes " + name + " " + each);
                }
              });
    }
  }

  private static void call(ManagedChannel channel, int times) {
    for (int i = 0; i < times; i++) {
      ClientCalls.blockingUnaryCall(channel, TestMethods.UNARY, CallOptions.DEFAULT, "hello");
    }
  }

  /** Bytes by class of ours, garbage included. */
  private static Map<String, Long> ours() throws Exception {
    String histogram =
        (String)
            ManagementFactory.getPlatformMBeanServer()
                .invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"),
                    "gcClassHistogram",
                    new Object[] {new String[] {"-all"}},
                    new String[] {String[].class.getName()});
    Map<String, Long> bytes = new TreeMap<>();
    histogram
        .lines()
        .map(LINE::matcher)
        .filter(Matcher::matches)
        .filter(line -> !line.group(2).contains(".testkit."))
        .forEach(line -> bytes.put(line.group(2), Long.valueOf(line.group(1))));
    return bytes;
  }
}
