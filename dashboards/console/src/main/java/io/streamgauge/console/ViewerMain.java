package io.streamgauge.console;

import io.streamgauge.console.live.LiveSource;
import io.streamgauge.console.live.LiveTarget;
import io.streamgauge.console.trace.TraceForward;
import io.streamgauge.console.trace.TraceStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs the viewer as a process of its own. */
@Command(
    name = "streamgauge-viewer",
    mixinStandardHelpOptions = true,
    description =
        "Shows the open streams of its targets at /, and the traces it receives on /v1/traces under"
            + " /zipkin/.",
    subcommands = ViewerTop.class)
public final class ViewerMain implements Callable<Integer> {

  @Option(names = "--port", description = "Port on 127.0.0.1 (default: ${DEFAULT-VALUE}).")
  private int port = 9470;

  @Option(names = "--max-spans", description = "Spans kept (default: ${DEFAULT-VALUE}).")
  private int maxSpans = TraceStore.DEFAULT_MAX_SPANS;

  @Option(
      names = "--forward",
      paramLabel = "URL",
      description =
          "Another OTLP/HTTP endpoint that gets the traces as well, for example"
              + " http://127.0.0.1:4318.")
  private String forward;

  @Option(
      names = "--target",
      paramLabel = "URL",
      description =
          "A process whose open streams are shown, by its console, for example"
              + " http://127.0.0.1:9471; may be given several times.")
  private List<String> targets = new ArrayList<>();

  @Option(
      names = "--target-token-file",
      paramLabel = "FILE",
      description = "Its first line is the bearer token the targets ask for.")
  private Path tokenFile;

  @Option(
      names = "--exit-with-parent",
      description = "Stop when standard input ends, as it does when the starting process dies.")
  private boolean exitWithParent;

  public static void main(String[] args) {
    System.exit(new CommandLine(new ViewerMain()).execute(args));
  }

  @Override
  public Integer call() throws InterruptedException {
    if (port < 0 || port > 65_535 || maxSpans < 1) {
      System.err.println("viewer: --port must be between 0 and 65535, --max-spans above 0");
      return 2;
    }
    TraceForward onward;
    try {
      onward = forward == null ? null : new TraceForward(forward);
    } catch (IllegalArgumentException e) {
      System.err.println("viewer: --forward: " + e.getMessage());
      return 2;
    }
    List<LiveSource> sources = new ArrayList<>();
    try {
      String token = tokenFile == null ? null : ViewerTop.token(tokenFile);
      for (String target : targets) {
        sources.add(new LiveTarget(target, token));
      }
    } catch (IllegalArgumentException | IOException e) {
      System.err.println("viewer: --target: " + e.getMessage());
      return 2;
    }
    limitServer();
    try (Viewer viewer = new Viewer(port, maxSpans, onward, sources)) {
      viewer.start();
      System.out.println("viewer: http://127.0.0.1:" + viewer.port() + "/");
      awaitStop();
      return 0;
    } catch (IOException e) {
      System.err.println("viewer: port " + port + " cannot be used: " + e.getMessage());
      return 2;
    }
  }

  /**
   * Settings of the JDK's HTTP server, which are one for a process. This process is ours; an
   * embedded console leaves the application's alone.
   */
  private static void limitServer() {
    // Seconds for a request to be there. Ours ends sooner; this one also ends what has no thread.
    System.setProperty("sun.net.httpserver.maxReqTime", "30");
    // 40 threads read heads of 380 KiB otherwise. Ours are of 8 KiB.
    System.setProperty("sun.net.httpserver.maxReqHeaderSize", "65536");
    // Each has a buffer; beyond these, and without limit otherwise, a connection is closed at once.
    System.setProperty("jdk.httpserver.maxConnections", "512");
  }

  private void awaitStop() throws InterruptedException {
    CountDownLatch stop = new CountDownLatch(1);
    Runtime.getRuntime().addShutdownHook(new Thread(stop::countDown, "stop"));
    if (exitWithParent) {
      Thread watch =
          new Thread(
              () -> {
                try {
                  while (System.in.read() >= 0) {
                    // Only the end of the stream matters.
                  }
                } catch (IOException e) {
                  // A broken pipe is an end as well.
                }
                stop.countDown();
              },
              "parent-watch");
      watch.setDaemon(true);
      watch.start();
    }
    stop.await();
  }
}
