package io.streamgauge.ordersync.check;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Compares what clients were told with what the server stored. Reads files only; knows neither the
 * server nor the client.
 */
public final class JournalChecker {

  /**
   * What was found.
   *
   * @param acked updates a client was told are stored
   * @param lost acked updates the store does not hold as they were sent
   * @param duplicated updates, or versions of an order, that were applied more than once
   */
  public record Result(long acked, long lost, long duplicated) {
    public boolean clean() {
      return lost == 0 && duplicated == 0;
    }
  }

  private JournalChecker() {}

  /**
   * Reads all {@code *.journal} files of a directory and the database; holds one client's history
   * in memory at a time.
   *
   * @throws IOException naming the file that cannot be read or understood
   */
  public static Result check(Path journals, Path database) throws IOException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database)) {
      long acked = 0;
      long lost = 0;
      for (Path journal : journals(journals)) {
        String client = journal.getFileName().toString().replaceFirst("\\.journal$", "");
        Map<String, String> applied = applied(connection, client);
        Map<String, String> sent = new HashMap<>();
        try (BufferedReader lines = Files.newBufferedReader(journal)) {
          for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] words = line.split(" ", 3);
            if (words.length < 3) {
              throw new IOException("cannot understand '" + line + "' in " + journal);
            }
            if (words[0].equals("sent")) {
              sent.put(words[1], words[2]);
            } else if (words[2].equals("accepted")) {
              acked++;
              String update = sent.remove(words[1]);
              if (update == null || !update.equals(applied.get(words[1]))) {
                lost++;
              }
            }
          }
        }
      }
      return new Result(acked, lost, duplicated(connection));
    } catch (SQLException e) {
      throw new IOException("cannot read the database " + database + ": " + e.getMessage(), e);
    }
  }

  /** What the store says was applied for a client, by sequence. */
  private static Map<String, String> applied(Connection connection, String client)
      throws SQLException {
    Map<String, String> applied = new HashMap<>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT sequence, order_id || ' ' || version || ' ' || status FROM history"
                + " WHERE client_id=? AND verdict='ACCEPTED'")) {
      statement.setString(1, client);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          applied.put(row.getString(1), row.getString(2));
        }
      }
    }
    return applied;
  }

  /** Updates, or versions of an order, beyond the first of their kind. */
  private static long duplicated(Connection connection) throws SQLException {
    long most = 0;
    for (String kind : new String[] {"client_id, sequence", "order_id, version"}) {
      try (Statement statement = connection.createStatement();
          ResultSet row =
              statement.executeQuery(
                  "SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM history"
                      + " WHERE verdict='ACCEPTED' GROUP BY "
                      + kind
                      + ")")) {
        most = Math.max(most, row.getLong(1));
      }
    }
    return most;
  }

  private static List<Path> journals(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(".journal")).sorted().toList();
    }
  }
}
