package io.streamgauge.ordersync.chaos;

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
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A system of real processes for one case, in a directory of its own: fulfilment, server and
 * clients, the clients' road to the server through a proxy.
 */
final class ChaosRig implements AutoCloseable {

  /** Longest wait for anything that should happen. */
  private static final long PATIENCE_SECONDS = 90;

  private static final int STOP_SECONDS = 60;

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
  private final List<String> complaints = new ArrayList<>();
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

  /** Waits until the server has died by itself; a complaint if it does not. */
  void awaitServerDeath() throws InterruptedException {
    serverDied = true;
    if (!server.awaitEnd(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      complain("the server did not come to the step");
      server.kill();
    } else if (server.exitCode() != KILLED) {
      complain("the server did not die at the step: " + server.lastLine());
    }
  }

  /** Ends it in an orderly way. */
  void stopServer() throws InterruptedException {
    serverDied = true;
    server.stop(STOP_SECONDS);
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

  /** A number of the server's, 0 while it cannot be asked. */
  double server(String metric, String... words) throws InterruptedException {
    return number(serverConsole, metric, words);
  }

  double client(String metric, String... words) throws InterruptedException {
    return number(clientConsole, metric, words);
  }

  private static double number(int port, String metric, String... words)
      throws InterruptedException {
    try {
      return Scrape.of(port).sum(metric, words);
    } catch (IOException e) {
      return 0;
    }
  }

  /** Whose streams are open. */
  List<String> streams() throws InterruptedException {
    try {
      return Pages.get(healthPort, "/streams").lines().filter(line -> !line.isBlank()).toList();
    } catch (IOException e) {
      return List.of();
    }
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
  long acked() throws InterruptedException {
    return (long) client("ordersync_client_acked");
  }

  /** Something that becomes true. */
  interface Condition {
    boolean holds() throws InterruptedException, IOException;
  }

  /** Waits for it; a complaint if it does not happen. */
  boolean await(String what, Condition condition) throws InterruptedException, IOException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!condition.holds()) {
      if (System.nanoTime() > deadline) {
        complain("waited in vain for: " + what);
        return false;
      }
      TimeUnit.MILLISECONDS.sleep(10);
    }
    return true;
  }

  /** Waits for that many more acks. */
  void awaitProgress(long updates) throws InterruptedException, IOException {
    await("a client's console", () -> client("ordersync_client_acked") >= 0 && isUp());
    long before = acked();
    await(updates + " acks", () -> acked() >= before + updates);
  }

  private boolean isUp() throws InterruptedException {
    return Pages.isUp(clientConsole);
  }

  /** Waits until the server may be used; a complaint, at once, if it has died instead. */
  boolean awaitReady() throws InterruptedException, IOException {
    boolean[] died = new boolean[1];
    boolean ready =
        await(
            "a ready server",
            () -> {
              died[0] = !server.isAlive();
              return died[0] || isReady();
            });
    if (died[0]) {
      complain("the server did not start: " + server.lastLine());
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
    if (await("an ack", () -> acked() > before)) {
      resumes.add((System.nanoTime() - ready) / 1e9);
    }
  }

  List<Double> resumes() {
    return resumes;
  }

  void complain(String what) {
    complaints.add(what);
  }

  List<String> complaints() {
    return complaints;
  }

  // ---- the end ---------------------------------------------------------------------------------

  /** Lets the clients drain, then compares: I1 to I5 by the checker, I6 by the toolkit's counts. */
  HistoryChecker.Result finish(boolean wholeRoad) throws IOException, InterruptedException {
    proxy.road(TcpProxy.Road.OPEN);
    if (!server.isAlive()) {
      startServer();
      measureResume();
    }
    if (client.stop(STOP_SECONDS) != 0) {
      complain("the clients did not get all answers: " + client.lastLine());
    }
    server.stop(STOP_SECONDS);
    count(wholeRoad);
    HistoryChecker.Result result = HistoryChecker.check(journals, database.toString());
    if (!result.clean()) {
      complain(result.toString());
    }
    long told = HistoryChecker.untold(database.toString());
    if (told > 0) {
      complain(told + " shipments of which fulfilment was not told");
    }
    return result;
  }

  /** I6: what the toolkit counted is what the programs did. */
  private void count(boolean wholeRoad) {
    String totals = client.summary();
    long sent = summed(totals, "sent") + summed(totals, "pings");
    long counted = summed(totals, "toolkit_sent");
    // What is written to a stream that has just died is no message; the program hears of it later.
    long unheard = wholeRoad ? 0 : summed(totals, "streams") * UNHEARD_A_STREAM;
    if (counted > sent || counted < sent - unheard) {
      complain("the clients sent " + sent + " messages, their toolkit counted " + counted);
    }
    long received = summed(server.summary(), "toolkit_received");
    if (wholeRoad && !serverDied && received != sent) {
      complain("the clients sent " + sent + " messages, the server's toolkit counted " + received);
    }
  }

  /** Of a case whose clients keep no journals: stops the server and checks what it stored. */
  HistoryChecker.Result finishWithoutJournals() throws IOException, InterruptedException {
    server.stop(STOP_SECONDS);
    Files.createDirectories(journals);
    HistoryChecker.Result result = HistoryChecker.check(journals, database.toString());
    if (!result.clean()) {
      complain(result.toString());
    }
    if (HistoryChecker.untold(database.toString()) > 0) {
      complain("shipments of which fulfilment was not told");
    }
    return result;
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
    return server("jvm_memory_bytes_used", "area=\"heap\"") / (1024 * 1024);
  }

  private static long summed(String text, String name) {
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
    if (complaints.isEmpty()) {
      try (Stream<Path> files = Files.walk(directory)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  /** Where everything is, if there was a complaint. */
  Path directory() {
    return directory;
  }
}
