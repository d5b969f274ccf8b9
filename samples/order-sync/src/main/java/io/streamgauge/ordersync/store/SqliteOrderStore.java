package io.streamgauge.ordersync.store;

import io.streamgauge.ordersync.domain.Answer;
import io.streamgauge.ordersync.domain.OrderRules;
import io.streamgauge.ordersync.domain.OrderState;
import io.streamgauge.ordersync.domain.OrderStatus;
import io.streamgauge.ordersync.domain.OrderStore;
import io.streamgauge.ordersync.domain.OrderUpdate;
import io.streamgauge.ordersync.domain.Verdict;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Orders in SQLite: write-ahead log, {@code synchronous=FULL}, one transaction per batch. The
 * history is append-only and has no unique key on purpose: if something were applied twice, the
 * checker must be able to see it.
 *
 * <p>Used by one thread.
 */
public final class SqliteOrderStore implements OrderStore {

  private static final String[] SCHEMA = {
    "CREATE TABLE IF NOT EXISTS orders("
        + "order_id TEXT PRIMARY KEY, status TEXT NOT NULL, version INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS clients("
        + "client_id TEXT PRIMARY KEY, watermark INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS history("
        + "client_id TEXT NOT NULL, sequence INTEGER NOT NULL, order_id TEXT NOT NULL,"
        + " version INTEGER NOT NULL, status TEXT NOT NULL, verdict TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS history_by_sequence ON history(client_id, sequence)"
  };

  private final Path file;
  private final Connection connection;
  private final PreparedStatement watermark;
  private final PreparedStatement setWatermark;
  private final PreparedStatement answered;
  private final PreparedStatement order;
  private final PreparedStatement setOrder;
  private final PreparedStatement append;

  private SqliteOrderStore(Path file, Connection connection) throws SQLException {
    this.file = file;
    this.connection = connection;
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA journal_mode=WAL");
      statement.execute("PRAGMA synchronous=FULL");
      statement.execute("PRAGMA busy_timeout=10000");
      for (String table : SCHEMA) {
        statement.execute(table);
      }
    }
    connection.setAutoCommit(false);
    watermark = connection.prepareStatement("SELECT watermark FROM clients WHERE client_id=?");
    setWatermark = connection.prepareStatement("REPLACE INTO clients VALUES(?,?)");
    answered =
        connection.prepareStatement("SELECT verdict FROM history WHERE client_id=? AND sequence=?");
    order = connection.prepareStatement("SELECT status, version FROM orders WHERE order_id=?");
    setOrder = connection.prepareStatement("REPLACE INTO orders VALUES(?,?,?)");
    append = connection.prepareStatement("INSERT INTO history VALUES(?,?,?,?,?,?)");
  }

  /**
   * Opens the database, making it if it is not there.
   *
   * @throws StoreException naming the file, if it cannot be read and written
   */
  public static SqliteOrderStore open(Path file) throws StoreException {
    Connection connection = null;
    try {
      connection = DriverManager.getConnection("jdbc:sqlite:" + file);
      return new SqliteOrderStore(file, connection);
    } catch (SQLException e) {
      closeQuietly(connection);
      throw new StoreException("cannot use the database " + file + ": " + e.getMessage(), e);
    }
  }

  @Override
  public List<Answer> apply(List<OrderUpdate> batch) throws StoreException {
    try {
      List<Answer> answers = new ArrayList<>(batch.size());
      for (OrderUpdate update : batch) {
        answers.add(apply(update));
      }
      connection.commit();
      return answers;
    } catch (SQLException | RuntimeException e) {
      rollback(e);
      throw new StoreException("cannot write to " + file + ": " + e.getMessage(), e);
    }
  }

  private void rollback(Exception cause) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      cause.addSuppressed(e);
    }
  }

  private Answer apply(OrderUpdate update) throws SQLException {
    long watermark = watermark(update.clientId());
    if (update.sequence() > watermark + 1) {
      return new Answer(Verdict.OUT_OF_SEQUENCE, false);
    }
    if (update.sequence() <= watermark) {
      Verdict before = answered(update);
      return new Answer(before == null ? Verdict.INVALID : before, false);
    }
    Verdict verdict = OrderRules.wellFormed(update);
    if (verdict.accepted()) {
      verdict = OrderRules.judge(order(update.orderId()), update);
      record(update, verdict);
    }
    setWatermark.setString(1, update.clientId());
    setWatermark.setLong(2, update.sequence());
    setWatermark.executeUpdate();
    return new Answer(verdict, true);
  }

  private void record(OrderUpdate update, Verdict verdict) throws SQLException {
    if (verdict.accepted()) {
      setOrder.setString(1, update.orderId());
      setOrder.setString(2, update.status().name());
      setOrder.setLong(3, update.version());
      setOrder.executeUpdate();
    }
    append.setString(1, update.clientId());
    append.setLong(2, update.sequence());
    append.setString(3, update.orderId());
    append.setLong(4, update.version());
    append.setString(5, update.status().name());
    append.setString(6, verdict.name());
    append.executeUpdate();
  }

  private long watermark(String clientId) throws SQLException {
    watermark.setString(1, clientId);
    try (ResultSet row = watermark.executeQuery()) {
      return row.next() ? row.getLong(1) : 0;
    }
  }

  private Verdict answered(OrderUpdate update) throws SQLException {
    answered.setString(1, update.clientId());
    answered.setLong(2, update.sequence());
    try (ResultSet row = answered.executeQuery()) {
      return row.next() ? Verdict.valueOf(row.getString(1)) : null;
    }
  }

  private OrderState order(String orderId) throws SQLException {
    order.setString(1, orderId);
    try (ResultSet row = order.executeQuery()) {
      return row.next()
          ? new OrderState(OrderStatus.valueOf(row.getString(1)), row.getLong(2))
          : null;
    }
  }

  @Override
  public void close() {
    closeQuietly(connection);
  }

  private static void closeQuietly(Connection connection) {
    try {
      if (connection != null) {
        connection.close();
      }
    } catch (SQLException e) {
      // Everything that was acknowledged has been committed.
      System.getLogger("ordersync").log(System.Logger.Level.DEBUG, "close", e);
    }
  }
}
