package io.streamgauge.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.testkit.fixture.TestJvm;
import org.junit.jupiter.api.Test;

/**
 * The same under OpenTelemetry's strict context, which knows who closed which scope where. In a JVM
 * of its own, since the switch is for all of it and costs a stack trace a scope.
 */
class ContextStrictIT {

  @Test
  void noScopeIsLeftOpenOrClosedElsewhere() throws Exception {
    TestJvm.Outcome outcome =
        new TestJvm()
            .options("-Dio.opentelemetry.context.enableStrictContext=true")
            .run(
                "org.junit.platform.console.ConsoleLauncher",
                "execute",
                "--disable-banner",
                "--details=summary",
                "--select-class=" + ContextStrictSuite.class.getName());

    assertThat(outcome.code()).as(outcome.output()).isZero();
    assertThat(outcome.output()).containsPattern("\\[ +8 tests successful");
    assertThat(outcome.output()).doesNotContain("garbage collected before being closed");
  }
}
