package io.streamgauge.ordersync.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.ordersync.chaos.ChaosFindings.Kind;
import org.junit.jupiter.api.Test;

class ChaosFindingsTest {

  private final ChaosFindings findings = new ChaosFindings();

  @Test
  void answersThatHaveNotComeAreNoViolation() {
    findings.addOfClients(1, "client: streams=8 fallen=0 missed=0 unacked=27454 gray=1");
    assertThat(findings.count(Kind.VIOLATION)).isZero();
    assertThat(findings.count(Kind.UNFINISHED)).isEqualTo(1);
    assertThat(findings.mayGoOn()).isFalse();
    assertThat(findings.lines().get(0)).startsWith("unfinished: ").contains("27454");
  }

  @Test
  void anAckThatFellIsAViolationWhateverElse() {
    findings.addOfClients(1, "client: streams=8 fallen=1 missed=0 unacked=3");
    assertThat(findings.count(Kind.VIOLATION)).isEqualTo(1);
  }

  @Test
  void clientsThatFailedForNoKnownReasonAreAViolation() {
    findings.addOfClients(1, "client: streams=8 fallen=0 missed=0 unacked=0");
    findings.addOfClients(137, "");
    assertThat(findings.count(Kind.VIOLATION)).isEqualTo(2);
  }

  @Test
  void whatIsLateIsNoReasonToStop() {
    findings.addOfClients(0, "client: fallen=0 unacked=0");
    findings.add(Kind.LATE, "after 9 s");
    assertThat(findings.mayGoOn()).isTrue();
    assertThat(findings.lines()).containsExactly("late: after 9 s");
  }
}
