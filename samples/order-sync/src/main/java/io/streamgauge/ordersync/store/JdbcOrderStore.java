package io.streamgauge.ordersync.store;

import io.streamgauge.ordersync.domain.Answer;
import io.streamgauge.ordersync.domain.OrderState;
import io.streamgauge.ordersync.domain.OrderStore;
import io.streamgauge.ordersync.domain.OrderUpdate;
import io.streamgauge.ordersync.domain.Shipment;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Orders in a database, SQLite or PostgreSQL: one transaction per batch, nothing kept in memory, so
 * that several instances may share one. A connection that failed is opened anew with the next
 * batch. Where the server dies within a batch, an assertion of PostgreSQL's driver fails, if
 * assertions are enabled (BatchResultHandler.isAutoCommit, 42.7); that too is a connection that
 * failed.
 */
public final class JdbcOrderStore implements OrderStore {

  /** Instances that meet at a row go on one after the other; more than a few rounds is trouble. */
  private static final int TRIES = 10;

  private final String url;
  private final Runnable beforeCommit;
  private final Runnable afterCommit;
  private Connection connection;
  private StoreReader reader;
  private StoreWriter writer;

  private JdbcOrderStore(String url, Runnable beforeCommit, Runnable afterCommit) {
    this.url = url;
    this.beforeCommit = beforeCommit;
    this.afterCommit = afterCommit;
  }

  /**
   * Opens the database, making the tables if they are not there.
   *
   * @param database a file for SQLite, or a JDBC URL that begins with {@code jdbc:sqlite:} or
   *     {@code jdbc:postgresql:}
   * @throws StoreException naming the database, if it cannot be read and written
   */
  public static JdbcOrderStore open(String database) throws StoreException {
    return open(database, () -> {}, () -> {});
  }

  /** The same, with something to run at the two moments a test of durability is about. */
  public static JdbcOrderStore open(String database, Runnable beforeCommit, Runnable afterCommit)
      throws StoreException {
    JdbcOrderStore store = new JdbcOrderStore(url(database), beforeCommit, afterCommit);
    try {
      store.connect();
      return store;
    } catch (SQLException e) {
      store.close();
      throw new StoreException(
          "cannot use the database " + name(database) + ": " + e.getMessage(), e);
    }
  }

  /** The JDBC URL of what a user calls the database. */
  public static String url(String database) {
    return database.startsWith("jdbc:") ? database : "jdbc:sqlite:" + database;
  }

  /**
   * Whether what is stored there is still there when the process has ended. SQLite makes a database
   * that is thrown away where no file is named.
   */
  public static boolean isKept(String database) {
    String url = url(database);
    if (StoreDialect.of(url) != StoreDialect.SQLITE) {
      return true;
    }
    String file = name(url).substring("jdbc:sqlite:".length()).replaceFirst("^file:", "");
    return !file.isBlank() && !file.equals(":memory:") && !url.matches(".*[?&]mode=memory\\b.*");
  }

  /** For messages: what comes after the question mark may be a password. */
  public static String name(String database) {
    int parameters = database.startsWith("jdbc:") ? database.indexOf('?') : -1;
    return parameters < 0 ? database : database.substring(0, parameters);
  }

  private String name() {
    return name(url);
  }

  private void connect() throws SQLException {
    if (connection != null) {
      return;
    }
    connection = DriverManager.getConnection(withMode(url));
    try {
      StoreDialect.of(url).open(connection);
      reader = new StoreReader(connection);
      writer = new StoreWriter(connection);
    } catch (SQLException e) {
      close();
      throw e;
    }
  }

  /** SQLite must take its lock before it reads, or two writers can only fail. */
  private static String withMode(String url) {
    String mode =
        StoreDialect.of(url) == StoreDialect.SQLITE
            ? "transaction_mode=IMMEDIATE"
            // A database that says nothing any more is an error in the end, and not a wait.
            : "connectTimeout=5&socketTimeout=30&tcpKeepAlive=true";
    return url + (url.contains("?") ? "&" : "?") + mode;
  }

  private void begin() throws SQLException {
    connect();
    connection.setAutoCommit(false);
  }

  private void commit() throws SQLException {
    // Commits, says JDBC. SQLite's driver begins the next transaction within commit() itself, and
    // would keep the write lock while there is nothing to write.
    connection.setAutoCommit(true);
  }

  @Override
  public List<Answer> apply(List<OrderUpdate> batch, List<Shipment> told) throws StoreException {
    for (int tries = 1; ; tries++) {
      try {
        begin();
        StoreBatch judged = new StoreBatch(reader);
        List<Answer> answers = new ArrayList<>(batch.size());
        for (OrderUpdate update : batch) {
          answers.add(judged.judge(update));
        }
        writer.write(judged, told);
        beforeCommit.run();
        commit();
        afterCommit.run();
        return answers;
      } catch (SQLException | RuntimeException | AssertionError e) {
        close();
        if (!isConflict(e) || tries == TRIES) {
          throw new StoreException("cannot write to " + name() + ": " + e.getMessage(), e);
        }
      }
    }
  }

  @Override
  public void probe(int updates) throws StoreException {
    try {
      begin();
      writer.writeAndTakeBack(updates);
      commit();
    } catch (SQLException | RuntimeException | AssertionError e) {
      close();
      throw new StoreException("cannot write to " + name() + ": " + e.getMessage(), e);
    }
  }

  @Override
  public List<Shipment> untold(int limit) throws StoreException {
    try {
      begin();
      List<Shipment> untold = reader.untold(limit);
      commit();
      return untold;
    } catch (SQLException | RuntimeException | AssertionError e) {
      close();
      throw new StoreException("cannot read from " + name() + ": " + e.getMessage(), e);
    }
  }

  /** An order as it is stored, or null; for tests. */
  OrderState order(String orderId) throws StoreException {
    try {
      connect();
      return reader.order(orderId);
    } catch (SQLException e) {
      throw new StoreException(e.getMessage(), e);
    }
  }

  /** Whether another instance was at the same rows: its insert, a deadlock, a changed version. */
  private static boolean isConflict(Throwable e) {
    if (e instanceof StoreWriter.ConflictException) {
      return true;
    }
    String state = e instanceof SQLException sql ? sql.getSQLState() : null;
    // unique_violation, serialization_failure, deadlock_detected, lock_not_available (PostgreSQL,
    // appendix A)
    return "23505".equals(state)
        || "40001".equals(state)
        || "40P01".equals(state)
        || "55P03".equals(state);
  }

  /** Without a commit: everything that was acknowledged has been committed. */
  @Override
  public void close() {
    try {
      if (connection != null) {
        connection.close();
      }
    } catch (SQLException e) {
      System.getLogger("ordersync").log(System.Logger.Level.DEBUG, "close", e);
    }
    connection = null;
  }
}
