package io.streamgauge.ordersync.chaos;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a case has found that is not as it should be. Any thread. */
final class ChaosFindings {

  /** How bad. */
  enum Kind {
    /** A promise is broken. */
    VIOLATION,
    /** It happened, but after the time that was stated for it: the machine may be slow. */
    LATE,
    /** What was waited for had not come when nothing had moved for a minute; no verdict. */
    UNFINISHED
  }

  private record Finding(Kind kind, String what) {}

  private final List<Finding> findings = new ArrayList<>();

  synchronized void add(Kind kind, String what) {
    findings.add(new Finding(kind, what));
  }

  synchronized long count(Kind kind) {
    return findings.stream().filter(each -> each.kind() == kind).count();
  }

  /** Whether another run would tell anything: what is late is no reason to stop. */
  boolean mayGoOn() {
    return count(Kind.VIOLATION) + count(Kind.UNFINISHED) == 0;
  }

  /** One for each, for people. */
  synchronized List<String> lines() {
    return findings.stream()
        .map(each -> each.kind().name().toLowerCase(Locale.ROOT) + ": " + each.what())
        .toList();
  }

  /**
   * Judges clients that were asked to stop and did.
   *
   * @param exitCode of their process
   * @param summary its closing line
   */
  void addOfClients(int exitCode, String summary) {
    if (exitCode == 0) {
      return;
    }
    long fallen = ChaosRig.summed(summary, "fallen");
    long unacked = ChaosRig.summed(summary, "unacked");
    if (fallen == 0 && unacked > 0) {
      add(Kind.UNFINISHED, "the clients wait for " + unacked + " answers: " + summary);
    } else {
      add(Kind.VIOLATION, "the clients ended with " + exitCode + ": " + summary);
    }
  }
}
