package io.streamgauge.ordersync.store;

import io.streamgauge.ordersync.domain.OrderState;
import io.streamgauge.ordersync.domain.OrderUpdate;
import io.streamgauge.ordersync.domain.Shipment;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/**
 * Writes what a batch has come to. A row is changed only if it still is what was read, so that of
 * two instances that judged the same order or client at once, one starts again.
 */
final class StoreWriter {

  /** Another instance was faster; nothing is wrong, the batch must be judged again. */
  static final class ConflictException extends SQLException {
    private static final long serialVersionUID = 1L;

    ConflictException(String message) {
      super(message);
    }
  }

  /** No name of a client or an order may be empty. */
  private static final String PROBE = "";

  private final PreparedStatement newClient;
  private final PreparedStatement client;
  private final PreparedStatement newOrder;
  private final PreparedStatement order;
  private final PreparedStatement history;
  private final PreparedStatement shipment;
  private final PreparedStatement told;
  private final PreparedStatement takeBack;

  StoreWriter(Connection connection) throws SQLException {
    newClient =
        connection.prepareStatement("INSERT INTO clients(watermark, client_id) VALUES(?,?)");
    client =
        connection.prepareStatement(
            "UPDATE clients SET watermark=? WHERE client_id=? AND watermark=?");
    newOrder =
        connection.prepareStatement(
            "INSERT INTO orders(status, version, lamport, order_id) VALUES(?,?,?,?)");
    order =
        connection.prepareStatement(
            "UPDATE orders SET status=?, version=?, lamport=? WHERE order_id=? AND version=?");
    history =
        connection.prepareStatement(
            "INSERT INTO history(client_id, sequence, order_id, version, status, verdict, lamport)"
                + " VALUES(?,?,?,?,?,?,?)");
    shipment =
        connection.prepareStatement(
            "INSERT INTO shipments(order_id, version, origin) VALUES(?,?,?)");
    told = connection.prepareStatement("DELETE FROM shipments WHERE order_id=?");
    takeBack = connection.prepareStatement("DELETE FROM history WHERE client_id=?");
  }

  void write(StoreBatch batch, List<Shipment> done) throws SQLException {
    // The client first: its row is what keeps two streams of one client apart.
    clients(batch);
    orders(batch);
    for (StoreBatch.Entry entry : batch.history()) {
      OrderUpdate update = entry.update();
      history.setString(1, update.clientId());
      history.setLong(2, update.sequence());
      history.setString(3, update.orderId());
      history.setLong(4, update.version());
      history.setString(5, update.status().name());
      history.setString(6, entry.verdict().name());
      history.setLong(7, update.lamport());
      history.addBatch();
    }
    history.executeBatch();
    for (OrderUpdate update : batch.shipped()) {
      shipment.setString(1, update.orderId());
      shipment.setLong(2, update.version());
      shipment.setString(3, update.origin());
      shipment.addBatch();
    }
    shipment.executeBatch();
    for (Shipment each : done) {
      told.setString(1, each.orderId());
      told.addBatch();
    }
    told.executeBatch();
  }

  private void clients(StoreBatch batch) throws SQLException {
    for (Map.Entry<String, StoreBatch.Change<Long>> row : batch.watermarks().entrySet()) {
      Long before = row.getValue().before();
      Long after = row.getValue().after();
      if (after == null || after.equals(before)) {
        continue;
      }
      PreparedStatement statement = before == null ? newClient : client;
      statement.setLong(1, after);
      statement.setString(2, row.getKey());
      if (before != null) {
        statement.setLong(3, before);
      }
      statement.addBatch();
    }
    execute(newClient);
    execute(client);
  }

  private void orders(StoreBatch batch) throws SQLException {
    for (Map.Entry<String, StoreBatch.Change<OrderState>> row : batch.orders().entrySet()) {
      OrderState before = row.getValue().before();
      OrderState after = row.getValue().after();
      if (after == null || after.equals(before)) {
        continue;
      }
      PreparedStatement statement = before == null ? newOrder : order;
      statement.setString(1, after.status().name());
      statement.setLong(2, after.version());
      statement.setLong(3, batch.lamport(row.getKey()));
      statement.setString(4, row.getKey());
      if (before != null) {
        statement.setLong(5, before.version());
      }
      statement.addBatch();
    }
    execute(newOrder);
    execute(order);
  }

  /** Rows in the history that the transaction ends without, of a client that cannot exist. */
  void writeAndTakeBack(int rows) throws SQLException {
    for (int i = 1; i <= rows; i++) {
      history.setString(1, PROBE);
      history.setLong(2, i);
      history.setString(3, PROBE);
      history.setLong(4, 1);
      history.setString(5, PROBE);
      history.setString(6, PROBE);
      history.setLong(7, 0);
      history.addBatch();
    }
    history.executeBatch();
    takeBack.setString(1, PROBE);
    takeBack.executeUpdate();
  }

  private static void execute(PreparedStatement statement) throws SQLException {
    for (int rows : statement.executeBatch()) {
      if (rows == 0) {
        throw new ConflictException("a row has changed since it was read");
      }
    }
  }
}
