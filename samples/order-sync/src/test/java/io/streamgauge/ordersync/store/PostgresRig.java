package io.streamgauge.ordersync.store;

import io.streamgauge.ordersync.rig.FreePort;
import io.streamgauge.testkit.fixture.RequiredTool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A PostgreSQL cluster of its own, on 127.0.0.1, from the Debian package. It refuses to run as
 * root, so there it runs as user postgres.
 */
public final class PostgresRig implements AutoCloseable {

  private final Path bin;
  private final Path data;
  private final int port;

  private PostgresRig(Path bin) throws IOException, InterruptedException {
    this.bin = bin;
    this.data = Files.createTempDirectory("order-sync-pg-");
    this.port = FreePort.next();
    if (isRoot()) {
      run("chown", "postgres", data.toString());
    }
    asPostgres("initdb", "-D", data + "/main", "-A", "trust", "-U", "orders", "--no-sync");
    startServer();
  }

  /** Starts the database server, for the first time or after {@link #stopServer}. */
  public void startServer() throws IOException, InterruptedException {
    asPostgres(
        "pg_ctl",
        "-D",
        data + "/main",
        "-w",
        "-l",
        data + "/log",
        "-o",
        "-p " + port + " -c listen_addresses=127.0.0.1 -c unix_socket_directories=" + data,
        "start");
  }

  /** Skips the test where there is no PostgreSQL, unless everything is required. */
  public static PostgresRig start() throws IOException, InterruptedException {
    Optional<Path> bin = bin();
    if (bin.isEmpty()) {
      RequiredTool.missing("PostgreSQL is not installed");
    }
    return new PostgresRig(bin.get());
  }

  private static Optional<Path> bin() throws IOException {
    Path versions = Path.of("/usr/lib/postgresql");
    if (!Files.isDirectory(versions)) {
      return Optional.empty();
    }
    try (Stream<Path> all = Files.list(versions)) {
      return all.map(each -> each.resolve("bin"))
          .filter(each -> Files.isExecutable(each.resolve("initdb")))
          .max(Comparator.naturalOrder());
    }
  }

  public String url() {
    return "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=orders";
  }

  private void asPostgres(String command, String... arguments)
      throws IOException, InterruptedException {
    List<String> all = new ArrayList<>();
    if (isRoot()) {
      all.addAll(List.of("runuser", "-u", "postgres", "--"));
    }
    all.add(bin.resolve(command).toString());
    all.addAll(List.of(arguments));
    run(all.toArray(new String[0]));
  }

  private static boolean isRoot() {
    return System.getProperty("user.name").equals("root");
  }

  private void run(String... command) throws IOException, InterruptedException {
    Path log = Files.createTempFile("order-sync-pg-", ".log");
    Process process =
        new ProcessBuilder(command)
            .directory(data.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    int code = process.waitFor();
    String output = Files.readString(log, StandardCharsets.UTF_8);
    Files.delete(log);
    if (code != 0) {
      throw new IOException(String.join(" ", command) + " gave " + code + ": " + output);
    }
  }

  /** Stops the database server without an orderly end, as a crash does. */
  public void stopServer() throws IOException, InterruptedException {
    asPostgres("pg_ctl", "-D", data + "/main", "-m", "immediate", "-w", "stop");
  }

  @Override
  public void close() throws IOException, InterruptedException {
    stopServer();
    try (Stream<Path> files = Files.walk(data)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
