package io.streamgauge.ordersync.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Compares what clients were told with what the server stored. Reads files only; knows neither the
 * server nor the client.
 */
public final class JournalChecker {

  private static final String ACCEPTED = "ACCEPTED";

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
   * Reads all {@code *.journal} files of a directory and the database.
   *
   * @throws IOException naming the file that cannot be read or understood
   */
  public static Result check(Path journals, Path database) throws IOException {
    Map<String, String> applied = new HashMap<>();
    Set<String> versions = new HashSet<>();
    long duplicated = 0;
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT client_id, sequence, order_id, version, status FROM history"
                    + " WHERE verdict='ACCEPTED'")) {
      while (row.next()) {
        String update = row.getString(3) + ' ' + row.getLong(4) + ' ' + row.getString(5);
        boolean again = applied.put(row.getString(1) + ' ' + row.getLong(2), update) != null;
        if (!versions.add(row.getString(3) + ' ' + row.getLong(4)) || again) {
          duplicated++;
        }
      }
    } catch (SQLException e) {
      throw new IOException("cannot read the database " + database + ": " + e.getMessage(), e);
    }
    long acked = 0;
    long lost = 0;
    for (Path journal : journals(journals)) {
      String client = journal.getFileName().toString().replaceFirst("\\.journal$", "");
      Map<String, String> sent = new HashMap<>();
      for (String line : Files.readAllLines(journal)) {
        String[] words = line.split(" ", 3);
        if (words.length < 3) {
          throw new IOException("cannot understand '" + line + "' in " + journal);
        }
        if (words[0].equals("sent")) {
          sent.put(words[1], words[2]);
        } else if (words[2].equalsIgnoreCase(ACCEPTED)) {
          acked++;
          if (!sent.getOrDefault(words[1], "").equals(applied.get(client + ' ' + words[1]))) {
            lost++;
          }
        }
      }
    }
    return new Result(acked, lost, duplicated);
  }

  private static List<Path> journals(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(".journal")).sorted().toList();
    }
  }
}
