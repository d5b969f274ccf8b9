package io.streamgauge.ordersync.store;

import io.streamgauge.ordersync.domain.OrderState;
import io.streamgauge.ordersync.domain.OrderStatus;
import io.streamgauge.ordersync.domain.OrderUpdate;
import io.streamgauge.ordersync.domain.Shipment;
import io.streamgauge.ordersync.domain.Verdict;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** The questions an update raises. */
final class StoreReader {

  private final PreparedStatement watermark;
  private final PreparedStatement answered;
  private final PreparedStatement order;
  private final PreparedStatement untold;

  StoreReader(Connection connection) throws SQLException {
    watermark = connection.prepareStatement("SELECT watermark FROM clients WHERE client_id=?");
    answered =
        connection.prepareStatement(
            "SELECT verdict, order_id, version, status FROM history WHERE client_id=? AND sequence=?");
    order = connection.prepareStatement("SELECT status, version FROM orders WHERE order_id=?");
    untold =
        connection.prepareStatement(
            "SELECT order_id, version, origin FROM shipments ORDER BY id LIMIT ?");
  }

  /** Null if the client was never heard of. */
  Long watermark(String clientId) throws SQLException {
    watermark.setString(1, clientId);
    try (ResultSet row = watermark.executeQuery()) {
      return row.next() ? row.getLong(1) : null;
    }
  }

  /**
   * Null if nothing is remembered of it, as of one that was not well formed, and of another update
   * under the same number.
   */
  Verdict answered(OrderUpdate update) throws SQLException {
    answered.setString(1, update.clientId());
    answered.setLong(2, update.sequence());
    try (ResultSet row = answered.executeQuery()) {
      boolean same =
          row.next()
              && row.getString(2).equals(update.orderId())
              && row.getLong(3) == update.version()
              && update.status() != null
              && row.getString(4).equals(update.status().name());
      return same ? Verdict.valueOf(row.getString(1)) : null;
    }
  }

  /** Null if there is none. */
  OrderState order(String orderId) throws SQLException {
    order.setString(1, orderId);
    try (ResultSet row = order.executeQuery()) {
      return row.next()
          ? new OrderState(OrderStatus.valueOf(row.getString(1)), row.getLong(2))
          : null;
    }
  }

  List<Shipment> untold(int limit) throws SQLException {
    untold.setInt(1, limit);
    List<Shipment> shipments = new ArrayList<>();
    try (ResultSet row = untold.executeQuery()) {
      while (row.next()) {
        shipments.add(new Shipment(row.getString(1), row.getLong(2), row.getString(3)));
      }
    }
    return shipments;
  }
}
