package io.streamgauge.ordersync.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * What differs between the databases: how they are opened and how a table numbers its rows. All
 * else is the same SQL. The history is append-only and has no unique key but its row number on
 * purpose: if something were applied twice, the checker must be able to see it.
 */
enum StoreDialect {
  /** A file: write-ahead log, a sync with each commit. */
  SQLITE(
      "INTEGER PRIMARY KEY",
      "PRAGMA busy_timeout=10000",
      "PRAGMA journal_mode=WAL",
      "PRAGMA synchronous=FULL"),

  /** A server that several instances of order-sync may share. */
  POSTGRESQL(
      "BIGSERIAL PRIMARY KEY",
      // A server that stands still in a transaction must not hold up the others for long.
      "SET lock_timeout='5s'",
      "SET idle_in_transaction_session_timeout='10s'",
      // Two instances that start at once must not both make the tables.
      "SELECT pg_advisory_xact_lock(9480)");

  private final String rowNumber;

  @SuppressWarnings("ImmutableEnumChecker") // never changed
  private final String[] opening;

  StoreDialect(String rowNumber, String... opening) {
    this.rowNumber = rowNumber;
    this.opening = opening;
  }

  static StoreDialect of(String url) {
    return url.startsWith("jdbc:postgresql:") ? POSTGRESQL : SQLITE;
  }

  /** Prepares a new connection, making the tables if they are not there. */
  void open(Connection connection) throws SQLException {
    // SQLite takes its settings outside a transaction only, PostgreSQL its lock inside one only.
    connection.setAutoCommit(this == SQLITE);
    try (Statement statement = connection.createStatement()) {
      for (String setting : opening) {
        statement.execute(setting);
      }
      for (String table : schema()) {
        statement.execute(table);
      }
    }
    connection.setAutoCommit(true);
  }

  private List<String> schema() {
    return List.of(
        "CREATE TABLE IF NOT EXISTS orders("
            + "order_id TEXT PRIMARY KEY, status TEXT NOT NULL, version BIGINT NOT NULL,"
            + " lamport BIGINT NOT NULL)",
        "CREATE TABLE IF NOT EXISTS clients("
            + "client_id TEXT PRIMARY KEY, watermark BIGINT NOT NULL)",
        "CREATE TABLE IF NOT EXISTS history(id "
            + rowNumber
            + ", client_id TEXT NOT NULL, sequence BIGINT NOT NULL, order_id TEXT NOT NULL,"
            + " version BIGINT NOT NULL, status TEXT NOT NULL, verdict TEXT NOT NULL,"
            + " lamport BIGINT NOT NULL)",
        "CREATE INDEX IF NOT EXISTS history_by_sequence ON history(client_id, sequence)",
        "CREATE TABLE IF NOT EXISTS shipments(id "
            + rowNumber
            + ", order_id TEXT NOT NULL, version BIGINT NOT NULL, origin TEXT NOT NULL)",
        "CREATE INDEX IF NOT EXISTS shipments_by_order ON shipments(order_id)");
  }
}
