package io.streamgauge.compat.versions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.streamgauge.testkit.Gate;
import io.streamgauge.testkit.GateCases;
import io.streamgauge.testkit.TestJvm;
import io.streamgauge.testkit.TestTransport;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One grpc version, which the build chooses (gate R10). */
@Tag("matrix")
@Gate("R10")
class VersionsTest {

  @Test
  void thisIsTheVersionMeant() throws Exception {
    Object version =
        Class.forName("io.grpc.internal.GrpcUtil").getField("IMPLEMENTATION_VERSION").get(null);
    assertThat(version).isEqualTo(System.getProperty("grpc.version"));
  }

  @ParameterizedTest
  @EnumSource(TestTransport.class)
  void onThisJdk(TestTransport transport) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      VersionsCanary.check(transport, pool);
    } finally {
      pool.shutdown();
    }
  }

  @Test
  void onJdk25WithVirtualThreadsAndWithout() throws Exception {
    Optional<Path> java = TestJvm.java25();
    assumeTrue(java.isPresent(), "no JDK 25: set JAVA25_HOME");
    TestJvm.Outcome outcome =
        new TestJvm()
            .java(java.get())
            .options("-Djava.net.preferIPv4Stack=true")
            .run(VersionsCanary.class.getName());
    assertThat(outcome.code()).as(outcome.output()).isZero();
    assertThat(outcome.lines("canary ok on virtual threads"))
        .hasSize(TestTransport.values().length);
    assertThat(outcome.lines("canary ok on platform threads"))
        .hasSize(TestTransport.values().length);
    GateCases.add(2L * TestTransport.values().length);
  }
}
