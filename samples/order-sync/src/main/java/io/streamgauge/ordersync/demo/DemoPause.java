package io.streamgauge.ordersync.demo;

import io.streamgauge.ordersync.flow.Standstill;
import io.streamgauge.ordersync.rig.Scrape;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The pause of one client's consumer, so that there is a stall to see: when it begins, counted from
 * the client's first ack, how long it lasts, and whether a run is long enough to promise a stall.
 */
final class DemoPause {

  private static final Pattern DURATION = Pattern.compile("(\\d+)(ms|s|m|h)");
  private static final String PAUSES = "ordersync_client_pauses_total";

  private final int afterSeconds;

  /** 0 for no pause. */
  private final int seconds;

  private final DemoPorts ports;
  private final Standstill standstill = new Standstill();
  private boolean stopped;

  private DemoPause(int afterSeconds, int seconds, DemoPorts ports) {
    this.afterSeconds = afterSeconds;
    this.seconds = seconds;
    this.ports = ports;
  }

  /**
   * Derives it from the threshold of a stall: three times as long, so that a slow machine comes to
   * rest and notices, and at least ten seconds more. In a run with an end it may last to the end.
   *
   * @param runSeconds of the run, or null for one without an end
   * @param isLong whether it begins sooner and lasts a minute or more
   * @param stallAfter the threshold as it is configured, for example {@code 5s}
   */
  static DemoPause of(Integer runSeconds, boolean isLong, String stallAfter, DemoPorts ports) {
    int threshold = seconds(stallAfter);
    int after = isLong ? 2 : 5;
    int pause = Math.max(3 * threshold, threshold + 10);
    boolean fits = runSeconds == null || runSeconds >= after + threshold + 2;
    return new DemoPause(after, fits ? Math.max(pause, isLong ? 60 : 0) : 0, ports);
  }

  /** Rounded up; a value that is no duration is refused by the processes, which name it. */
  private static int seconds(String duration) {
    Matcher matcher = DURATION.matcher(duration);
    if (!matcher.matches() || matcher.group(1).length() > 6) {
      return 0;
    }
    long amount = Long.parseLong(matcher.group(1));
    Duration parsed =
        switch (matcher.group(2)) {
          case "ms" -> Duration.ofMillis(amount + 999);
          case "s" -> Duration.ofSeconds(amount);
          case "m" -> Duration.ofMinutes(amount);
          default -> Duration.ofHours(amount);
        };
    return (int) Math.min(parsed.toSeconds(), Integer.MAX_VALUE / 8);
  }

  /** What the clients are started with. */
  List<String> flags() {
    return seconds == 0
        ? List.of()
        : List.of("--slow-consumer", "--slow-after=" + afterSeconds, "--slow-for=" + seconds);
  }

  /** The user has ended the run before its time; nothing is promised any more. */
  void stopped() {
    stopped = true;
  }

  /** Whether the run is to show a stall. */
  boolean isPromised() {
    return seconds > 0 && !stopped;
  }

  /**
   * Whether the run should go on for its sake: the stall has not come, and the pause is not over.
   *
   * @param says whether to tell the user
   */
  boolean isAwaited(boolean says) throws InterruptedException {
    if (!isPromised()) {
      return false;
    }
    try {
      boolean over = Scrape.of(ports.clientConsole()).sum(PAUSES, "state=\"ended\"") > 0;
      if (over || DemoStalls.now(ports).count() > 0) {
        return false;
      }
    } catch (IOException e) {
      // A process is too busy to answer; the next second it may.
    }
    boolean awaited = !standstill.isReached(acked());
    if (awaited && says) {
      System.out.println("demo: the stall has not come yet, going on until it has");
    }
    return awaited;
  }

  private String acked() throws InterruptedException {
    try {
      return "" + Scrape.of(ports.clientConsole()).sum("ordersync_client_acked");
    } catch (IOException e) {
      return "";
    }
  }
}
