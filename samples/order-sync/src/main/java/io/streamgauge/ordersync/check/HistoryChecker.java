package io.streamgauge.ordersync.check;

import io.streamgauge.ordersync.domain.OrderRules;
import io.streamgauge.ordersync.domain.OrderState;
import io.streamgauge.ordersync.domain.OrderStatus;
import io.streamgauge.ordersync.domain.OrderUpdate;
import io.streamgauge.ordersync.domain.Verdict;
import io.streamgauge.ordersync.store.JdbcOrderStore;
import java.io.BufferedReader;
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
 * Compares what clients were told with what the server stored, and the store with itself. Reads
 * files only; of the service it knows nothing but the rules of an order.
 */
public final class HistoryChecker {

  /**
   * What was found; all but {@code acked} are violations.
   *
   * @param acked updates a client was told are stored
   * @param lost acked updates the store does not hold as they were sent
   * @param duplicated updates, or versions of an order, that were applied more than once
   * @param illegal updates in the store whose verdict is not the one the rules give in that place
   * @param fallen acks of a client for something before what had been acked already
   * @param different orders whose stored state is not what a replay of the history gives
   */
  public record Result(
      long acked, long lost, long duplicated, long illegal, long fallen, long different) {

    public long violations() {
      return lost + duplicated + illegal + fallen + different;
    }

    public boolean clean() {
      return violations() == 0;
    }

    @Override
    public String toString() {
      return "acked="
          + acked
          + " lost="
          + lost
          + " duplicated="
          + duplicated
          + " illegal="
          + illegal
          + " fallen="
          + fallen
          + " different="
          + different;
    }
  }

  /** An update as the store has it, with what it was judged. */
  private record Entry(OrderUpdate update, Verdict verdict) {
    String text() {
      return update.orderId() + ' ' + update.version() + ' ' + update.status();
    }
  }

  private final Connection connection;
  private long acked;
  private long lost;
  private long duplicated;
  private long illegal;
  private long fallen;
  private long different;

  private HistoryChecker(Connection connection) {
    this.connection = connection;
  }

  /**
   * Reads all {@code *.journal} files of a directory and the database; holds one client's journal
   * and one state for each order in memory.
   *
   * @throws IOException naming the file that cannot be read or understood
   */
  public static Result check(Path journals, String database) throws IOException {
    try (Connection connection = DriverManager.getConnection(JdbcOrderStore.url(database))) {
      HistoryChecker checker = new HistoryChecker(connection);
      for (Path journal : journals(journals)) {
        checker.journal(journal);
      }
      checker.history();
      return new Result(
          checker.acked,
          checker.lost,
          checker.duplicated,
          checker.illegal,
          checker.fallen,
          checker.different);
    } catch (SQLException | IllegalArgumentException e) {
      throw new IOException(
          "cannot read the database " + JdbcOrderStore.name(database) + ": " + e.getMessage(), e);
    }
  }

  /**
   * Shipments of which fulfilment has not been told; 0 once a server has stopped in order.
   *
   * @throws IOException naming the database, if it cannot be read
   */
  public static long untold(String database) throws IOException {
    try (Connection connection = DriverManager.getConnection(JdbcOrderStore.url(database));
        Statement statement = connection.createStatement();
        ResultSet count = statement.executeQuery("SELECT count(*) FROM shipments")) {
      return count.next() ? count.getLong(1) : 0;
    } catch (SQLException e) {
      throw new IOException(
          "cannot read the database " + JdbcOrderStore.name(database) + ": " + e.getMessage(), e);
    }
  }

  // ---- what clients were told ------------------------------------------------------------------

  private void journal(Path journal) throws IOException, SQLException {
    String client = journal.getFileName().toString().replaceFirst("\\.journal$", "");
    Map<Long, String> applied = applied(client);
    Map<Long, String> sent = new HashMap<>();
    long last = 0;
    try (BufferedReader lines = Files.newBufferedReader(journal)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        String[] words = line.split(" ", 3);
        if (words.length < 3 || !words[1].matches("\\d{1,18}")) {
          throw new IOException("cannot understand '" + line + "' in " + journal);
        }
        long sequence = Long.parseLong(words[1]);
        if (words[0].equals("sent")) {
          sent.put(sequence, words[2]);
          continue;
        }
        fallen += sequence < last ? 1 : 0;
        last = Math.max(last, sequence);
        if (words[2].equals("accepted")) {
          acked++;
          String update = sent.remove(sequence);
          lost += update == null || !update.equals(applied.get(sequence)) ? 1 : 0;
        }
      }
    }
  }

  /** What the store says was applied for a client, by sequence. */
  private Map<Long, String> applied(String client) throws SQLException {
    Map<Long, String> applied = new HashMap<>();
    try (var statement =
        connection.prepareStatement(
            "SELECT * FROM history WHERE client_id=? AND verdict='ACCEPTED'")) {
      statement.setString(1, client);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          Entry entry = entry(row);
          applied.put(entry.update().sequence(), entry.text());
        }
      }
    }
    return applied;
  }

  private static Entry entry(ResultSet row) throws SQLException {
    OrderUpdate update =
        new OrderUpdate(
            row.getString("client_id"),
            row.getLong("sequence"),
            row.getString("order_id"),
            row.getLong("version"),
            OrderStatus.valueOf(row.getString("status")));
    return new Entry(update, Verdict.valueOf(row.getString("verdict")));
  }

  // ---- the store against itself ----------------------------------------------------------------

  /** Replays the history as it was written, by the rules, from nothing. */
  private void history() throws SQLException {
    Map<String, OrderState> orders = new HashMap<>();
    Map<String, Long> sequences = new HashMap<>();
    Set<String> versions = new HashSet<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT * FROM history ORDER BY id")) {
      while (row.next()) {
        replay(entry(row), orders, sequences, versions);
      }
    }
    compare(orders);
  }

  private void replay(
      Entry entry,
      Map<String, OrderState> orders,
      Map<String, Long> sequences,
      Set<String> versions) {
    OrderUpdate update = entry.update();
    long before = sequences.getOrDefault(update.clientId(), 0L);
    if (update.sequence() == before) {
      duplicated++;
      return;
    }
    sequences.put(update.clientId(), update.sequence());
    if (entry.verdict().accepted() && !versions.add(update.orderId() + ' ' + update.version())) {
      duplicated++;
      return;
    }
    Verdict rule = OrderRules.judge(orders.get(update.orderId()), update);
    if (rule != entry.verdict() || update.sequence() < before) {
      illegal++;
    }
    if (entry.verdict().accepted()) {
      orders.put(update.orderId(), new OrderState(update.status(), update.version()));
    }
  }

  private void compare(Map<String, OrderState> orders) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT order_id, status, version FROM orders")) {
      while (row.next()) {
        OrderState stored = new OrderState(OrderStatus.valueOf(row.getString(2)), row.getLong(3));
        different += stored.equals(orders.remove(row.getString(1))) ? 0 : 1;
      }
    }
    // What the history has and the table of orders has not.
    different += orders.size();
  }

  private static List<Path> journals(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(".journal")).sorted().toList();
    }
  }
}
