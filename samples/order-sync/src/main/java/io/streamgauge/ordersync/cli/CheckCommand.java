package io.streamgauge.ordersync.cli;

import io.streamgauge.ordersync.check.HistoryChecker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Compares journals with the database. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    description =
        "Compares the clients' journals with the server's database, and that with its rules.")
final class CheckCommand implements Callable<Integer> {

  @Option(
      names = "--database",
      required = true,
      paramLabel = "FILE|URL",
      description = "The server's: SQLite file or JDBC URL.")
  private String database;

  @Option(names = "--journals", required = true, description = "Directory of the journals.")
  private Path journals;

  @Override
  public Integer call() throws CommandFailure {
    if (!database.startsWith("jdbc:") && !Files.isReadable(Path.of(database))) {
      throw new CommandFailure("cannot read the database " + database);
    }
    if (!Files.isDirectory(journals)) {
      throw new CommandFailure("no directory of journals: " + journals);
    }
    try {
      HistoryChecker.Result result = HistoryChecker.check(journals, database);
      System.out.println("check: " + result + " violations=" + result.violations());
      return result.clean() ? 0 : 1;
    } catch (IOException e) {
      throw new CommandFailure(e.getMessage(), e);
    }
  }
}
