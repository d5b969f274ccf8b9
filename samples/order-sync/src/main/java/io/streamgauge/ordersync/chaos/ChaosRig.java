package io.streamgauge.ordersync.chaos;

import static io.streamgauge.ordersync.chaos.ChaosFindings.Kind.UNFINISHED;
import static io.streamgauge.ordersync.chaos.ChaosFindings.Kind.VIOLATION;

import io.streamgauge.ordersync.check.HistoryChecker;
import io.streamgauge.ordersync.rig.ChildProcess;
import io.streamgauge.ordersync.rig.FreePort;
import io.streamgauge.ordersync.rig.Pages;
import io.streamgauge.ordersync.rig.Scrape;
import io.streamgauge.ordersync.server.Steps;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A system of real processes for one case, in a directory of its own: fulfilment, server and
 * clients, the clients' path to the server through a proxy.
 */
final class ChaosRig implements AutoCloseable {

  private static final String ACKED = "ordersync_client_acked";

  /** The exit code that a SIGKILL leaves, and {@link Steps} too. */
  private static final int KILLED = 137;

  /** A client has no more than that on its way. */
  private static final int UNHEARD_A_STREAM = 50;

  private static final List<String> JVM =
      List.of("-XX:TieredStopAtLevel=1", "-Djava.util.logging.config.file=");

  private final Path directory = Files.createTempDirectory("order-sync-chaos-");
  private final Path database = directory.resolve("orders.db");
  private final Path journals = directory.resolve("journals");
  private final int serverPort = FreePort.next();
  private final int serverConsole = FreePort.next();
  private final int healthPort = FreePort.next();
  private final int clientConsole = FreePort.next();
  private final int fulfilmentPort = FreePort.next();
  private final TcpProxy proxy = new TcpProxy(serverPort);
  private final List<Double> resumes = new ArrayList<>();
  private final ChaosFindings findings = new ChaosFindings();
  private final ChaosWait wait = new ChaosWait(findings);
  private ChildProcess fulfilment;
  private ChildProcess server;
  private ChildProcess client;
  private boolean serverDied;

  ChaosRig() throws IOException {
    fulfilment =
        start(
            "fulfilment-stable",
            List.of("fulfilment", "--instance=stable", "--port=" + fulfilmentPort));
  }

  private static ChildProcess start(String name, List<String> arguments) throws IOException {
    try {
      Path jar =
          Path.of(ChaosRig.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      return ChildProcess.start(name, JVM, jar, arguments, Map.of("STREAMGAUGE_STALL_AFTER", "2s"));
    } catch (URISyntaxException e) {
      throw new IOException(e);
    }
  }

  // ---- processes -------------------------------------------------------------------------------

  void startServer(String... more) throws IOException, InterruptedException {
    startServerOn(database.toString(), more);
  }

  /** On the same database, opened in another way. */
  void startServerOn(String url, String... more) throws IOException, InterruptedException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "server",
                "--port=" + serverPort,
                "--console-port=" + serverConsole,
                "--health-port=" + healthPort,
                "--database=" + url,
                "--fulfilment=" + fulfilmentPort,
                "--fulfilment-gray=" + fulfilmentPort));
    arguments.addAll(List.of(more));
    server = start("server", arguments);
  }

  void startClient(List<String> more) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "client",
                "--clients=shop",
                "--port=" + proxy.port(),
                "--console-port=" + clientConsole,
                "--journals=" + journals));
    arguments.addAll(more);
    client = start("client", arguments);
  }

  void killServer() throws InterruptedException {
    serverDied = true;
    server.kill();
  }

  /** Waits until the server has died by itself, at the step at which it was told to. */
  void awaitServerDeath() throws InterruptedException, IOException {
    serverDied = true;
    if (!await("the server's death at the step", () -> !server.isAlive())) {
      server.kill();
    } else if (server.exitCode() != KILLED) {
      findings.add(VIOLATION, "the server did not die at the step: " + server.lastLine());
    }
  }

  /** Ends it in an orderly way. */
  void stopServer() throws InterruptedException {
    serverDied = true;
    stop(server);
  }

  /** Whether it ended by itself. */
  private boolean stop(ChildProcess process) throws InterruptedException {
    boolean ended = process.stop();
    if (!ended) {
      findings.add(UNFINISHED, process.name() + " did not end when it was asked to");
    }
    return ended;
  }

  void killClient() throws InterruptedException {
    client.kill();
  }

  /** A signal such as STOP or CONT. */
  void signalServer(String signal) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + signal, Long.toString(server.pid())).start().waitFor();
  }

  int serverPort() {
    return serverPort;
  }

  TcpProxy proxy() {
    return proxy;
  }

  Path database() {
    return database;
  }

  // ---- what can be seen of them ----------------------------------------------------------------

  /**
   * A number of the server's.
   *
   * @throws IOException if it cannot be asked at this moment; in a {@link ChaosWait.Condition} that
   *     is no end
   */
  double server(String metric, String... words) throws IOException, InterruptedException {
    return Scrape.of(serverConsole).sum(metric, words);
  }

  /** A number of the clients', as {@link #server}. */
  double client(String metric, String... words) throws IOException, InterruptedException {
    return Scrape.of(clientConsole).sum(metric, words);
  }

  /** A number of the clients' on which a comparison depends; asked until they answer. */
  double clientPatiently(String metric) throws IOException, InterruptedException {
    return Scrape.patiently(clientConsole).sum(metric);
  }

  /** Whose streams are open. */
  List<String> streams() throws IOException, InterruptedException {
    return Pages.get(healthPort, "/streams").lines().filter(line -> !line.isBlank()).toList();
  }

  boolean isReady() throws InterruptedException {
    try {
      Pages.get(healthPort, "/readyz");
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Updates the clients were told are stored, since their process began. */
  long acked() throws IOException, InterruptedException {
    return (long) clientPatiently(ACKED);
  }

  /** Waits for it as long as acks, journals or a starting server move. */
  boolean await(String what, ChaosWait.Condition condition) throws InterruptedException {
    return wait.until(what, condition, this::moves);
  }

  /** Something that changes with each bit of progress. */
  private String moves() throws InterruptedException {
    StringBuilder moves = new StringBuilder();
    try {
      moves.append((long) client(ACKED)).append(' ');
    } catch (IOException e) {
      // Not up, or too busy to answer now.
    }
    try (Stream<Path> files = Files.list(journals)) {
      moves.append(files.mapToLong(file -> file.toFile().length()).sum());
    } catch (IOException e) {
      // None yet.
    }
    for (ChildProcess process : new ChildProcess[] {fulfilment, server, client}) {
      moves.append(' ').append(process == null ? "" : process.startMoves());
    }
    return moves.toString();
  }

  /** Waits for that many more acks. */
  void awaitProgress(long updates) throws InterruptedException, IOException {
    await("a client's console", () -> Pages.isUp(clientConsole));
    long before = acked();
    await(updates + " acks", () -> client(ACKED) >= before + updates);
  }

  /** Waits until the server may be used; a violation, at once, if it has died instead. */
  boolean awaitReady() throws InterruptedException {
    boolean[] died = new boolean[1];
    boolean ready =
        await(
            "a ready server",
            () -> {
              died[0] = !server.isAlive();
              return died[0] || isReady();
            });
    if (died[0]) {
      findings.add(VIOLATION, "the server did not start: " + server.lastLine());
    }
    return ready && !died[0];
  }

  /** From the moment the server is ready again to the first ack; seconds are kept. */
  void measureResume() throws InterruptedException, IOException {
    long before = acked();
    if (!awaitReady()) {
      return;
    }
    long ready = System.nanoTime();
    if (await("an ack", () -> client(ACKED) > before)) {
      resumes.add((System.nanoTime() - ready) / 1e9);
    }
  }

  List<Double> resumes() {
    return resumes;
  }

  ChaosFindings findings() {
    return findings;
  }

  // ---- the end ---------------------------------------------------------------------------------

  /** Lets the clients drain, then compares: I1 to I5 by the checker, I6 by the toolkit's counts. */
  HistoryChecker.Result finish(boolean wholeRoad) throws IOException, InterruptedException {
    proxy.path(TcpProxy.Path.OPEN);
    if (!server.isAlive()) {
      startServer();
      measureResume();
    }
    boolean clientEnded = stop(client);
    if (clientEnded) {
      findings.addOfClients(client.exitCode(), client.summary());
    }
    boolean serverEnded = stop(server);
    // Who was killed has not counted to the end, nor has who still waits.
    if (clientEnded && serverEnded && summed(client.summary(), "unacked") == 0) {
      count(wholeRoad);
    }
    return checked();
  }

  /** I6: what the toolkit counted is what the programs did. */
  private void count(boolean wholeRoad) {
    String totals = client.summary();
    long sent = summed(totals, "sent") + summed(totals, "pings");
    long counted = summed(totals, "toolkit_sent");
    // On a slow machine a stream may be given up in any case, and is then opened again.
    boolean whole = wholeRoad && summed(totals, "broken") == 0;
    // What is written to a stream that has just died is no message; the program hears of it later.
    long unheard = whole ? 0 : summed(totals, "streams") * UNHEARD_A_STREAM;
    if (counted > sent || counted < sent - unheard) {
      findings.add(
          VIOLATION, "the clients sent " + sent + " messages, their toolkit counted " + counted);
    }
    long received = summed(server.summary(), "toolkit_received");
    if (whole && !serverDied && received != sent) {
      findings.add(
          VIOLATION,
          "the clients sent " + sent + " messages, the server's toolkit counted " + received);
    }
  }

  /** Of a case whose clients keep no journals: stops the server and checks what it stored. */
  HistoryChecker.Result finishWithoutJournals() throws IOException, InterruptedException {
    stop(server);
    Files.createDirectories(journals);
    return checked();
  }

  private HistoryChecker.Result checked() throws IOException, InterruptedException {
    HistoryChecker.Result result = HistoryChecker.check(journals, database.toString());
    if (!result.clean()) {
      findings.add(VIOLATION, result.toString());
    }
    awaitTold();
    return result;
  }

  /** What a server has not told fulfilment of when its time to stop is over, the next one tells. */
  private void awaitTold() throws IOException, InterruptedException {
    if (untold() == 0) {
      return;
    }
    startServer();
    wait.until(
        "shipments of which fulfilment was not told",
        () -> untold() == 0,
        () -> {
          try {
            return untold() + " " + server.startMoves();
          } catch (IOException e) {
            return "";
          }
        });
    stop(server);
  }

  private long untold() throws IOException {
    return HistoryChecker.untold(database.toString());
  }

  /** Megabytes of the server's heap that are in use after a full collection; 0 if none was made. */
  double heapAfterCollection() throws IOException, InterruptedException {
    Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    if (!Files.isExecutable(jcmd)) {
      return 0;
    }
    Process collect =
        new ProcessBuilder(jcmd.toString(), Long.toString(server.pid()), "GC.run")
            .redirectErrorStream(true)
            .start();
    collect.getInputStream().readAllBytes();
    collect.waitFor();
    return Scrape.patiently(serverConsole).sum("jvm_memory_bytes_used", "area=\"heap\"")
        / (1024 * 1024);
  }

  /** The number after a name, as in {@code name=1}; -1 if there is none. */
  static long summed(String text, String name) {
    Matcher matcher = Pattern.compile("\\b" + name + "=(\\d+)").matcher(text);
    return matcher.find() ? Long.parseLong(matcher.group(1)) : -1;
  }

  @Override
  public void close() throws IOException, InterruptedException {
    for (ChildProcess process : new ChildProcess[] {client, server, fulfilment}) {
      if (process != null && process.isAlive()) {
        process.kill();
      }
    }
    proxy.close();
    if (findings.mayGoOn()) {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  /** Where everything is, kept if the case did not end well. */
  Path directory() {
    return directory;
  }
}
