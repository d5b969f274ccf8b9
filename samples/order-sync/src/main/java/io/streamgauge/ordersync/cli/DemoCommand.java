package io.streamgauge.ordersync.cli;

import io.streamgauge.ordersync.demo.Demo;
import io.streamgauge.ordersync.demo.DemoFailure;
import io.streamgauge.ordersync.demo.DemoPorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs the whole system; what {@code ./demo} starts. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = "Runs viewer, fulfilment, server and clients together and checks the result.")
final class DemoCommand implements Callable<Integer> {

  @Option(names = "--viewer-jar", required = true, description = "The executable viewer.")
  private Path viewerJar;

  @Option(
      names = "--attach",
      paramLabel = "HOW",
      description =
          "How server and fulfilment are observed: interceptors, registered in their code"
              + " (default), or agent, with -javaagent and none of our code in them.")
  private String attach = "interceptors";

  @Option(names = "--agent-jar", description = "The agent, for --attach agent.")
  private Path agentJar;

  @Option(
      names = "--seconds",
      description = "Stop by itself, this long after everything is healthy; else on Ctrl-C.")
  private Integer seconds;

  @Option(
      names = "--port-base",
      description =
          "First port P (${DEFAULT-VALUE}): viewer P, server P+1, stable fulfilment P+2, gray P+3,"
              + " clients P+4; gRPC P+10 to P+12.")
  private int portBase = 9470;

  @Option(names = "--streams", description = "Clients, one stream each (${DEFAULT-VALUE}).")
  private int streams = 32;

  @Option(names = "--rate", description = "Updates per second, all together (${DEFAULT-VALUE}).")
  private double rate = 3_000;

  @Option(
      names = "--slow-consumer",
      description = "The client that stops reading acks stops sooner and for longer.")
  private boolean slowConsumer;

  @Option(names = "--gray-errors", description = "The gray fulfilment fails every fifth notice.")
  private boolean grayErrors;

  @Option(
      names = "--gray-down",
      description = "The gray fulfilment is stopped in the middle of the run.")
  private boolean grayDown;

  @Option(
      names = "--stream-limit",
      description =
          "The stable fulfilment takes one call at a time on a connection: the server's notices"
              + " wait for it, and the closing line counts the waits.")
  private boolean streamLimit;

  @Option(
      names = "--otlp",
      paramLabel = "URL",
      description =
          "Another OTLP/HTTP endpoint that gets the traces besides the viewer, for example Jaeger's"
              + " http://127.0.0.1:4318.")
  private String otlp;

  @Override
  public Integer call() throws CommandFailure, InterruptedException, IOException {
    if (seconds != null && seconds < 1) {
      throw new CommandFailure("--seconds must be at least 1, not " + seconds);
    }
    if (portBase < 1 || portBase > 65_535 - DemoPorts.SPAN) {
      throw new CommandFailure(
          "--port-base must be between 1 and " + (65_535 - DemoPorts.SPAN) + ", not " + portBase);
    }
    if (streams < 1 || !(rate > 0)) {
      throw new CommandFailure("--streams must be at least 1 and --rate above 0");
    }
    boolean agent = attach.equals("agent");
    if (!agent && !attach.equals("interceptors")) {
      throw new CommandFailure("--attach must be interceptors or agent, not " + attach);
    }
    if (agent && (agentJar == null || !Files.isReadable(agentJar))) {
      throw new CommandFailure("cannot read the agent " + agentJar + "; give --agent-jar");
    }
    DemoPorts ports = new DemoPorts(portBase, agent);
    if (!Files.isReadable(viewerJar)) {
      throw new CommandFailure("cannot read the viewer " + viewerJar);
    }
    String taken = ports.taken();
    if (taken != null) {
      throw new CommandFailure(taken + "; free it or choose others with --port-base");
    }
    try {
      return new Demo(
              new Demo.Settings(
                  viewerJar,
                  agent ? agentJar.toAbsolutePath() : null,
                  ports,
                  seconds,
                  streams,
                  rate,
                  slowConsumer,
                  grayErrors,
                  grayDown,
                  streamLimit,
                  otlp))
          .run();
    } catch (DemoFailure e) {
      throw new CommandFailure(e.getMessage(), e);
    }
  }
}
