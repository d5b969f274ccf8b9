package io.streamgauge.ordersync.store;

import io.streamgauge.ordersync.domain.Answer;
import io.streamgauge.ordersync.domain.OrderRules;
import io.streamgauge.ordersync.domain.OrderState;
import io.streamgauge.ordersync.domain.OrderStatus;
import io.streamgauge.ordersync.domain.OrderUpdate;
import io.streamgauge.ordersync.domain.Verdict;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Judges the updates of one transaction, one after the other, against the store as it would be
 * after those before, and collects what is to be written: one row for each client and order,
 * however many updates there are of it.
 */
final class StoreBatch {

  /** A value as it was read and as it is to be; the store must still hold the one when written. */
  record Change<T>(T before, T after) {}

  /** What is remembered of an update. */
  record Entry(OrderUpdate update, Verdict verdict) {}

  private final StoreReader reader;
  // Sorted, so that two instances lock rows in the same order.
  private final Map<String, Change<Long>> watermarks = new TreeMap<>();
  private final Map<String, Change<OrderState>> orders = new TreeMap<>();
  private final List<Entry> history = new ArrayList<>();
  private final Map<String, Entry> now = new HashMap<>();
  private final Map<String, Long> lamports = new HashMap<>();

  StoreBatch(StoreReader reader) {
    this.reader = reader;
  }

  Answer judge(OrderUpdate update) throws SQLException {
    Change<Long> client = client(update.clientId());
    long watermark = client.after() == null ? 0 : client.after();
    if (update.sequence() > watermark + 1) {
      return new Answer(Verdict.OUT_OF_SEQUENCE, false, watermark);
    }
    if (update.sequence() <= watermark) {
      return new Answer(before(update), false, watermark);
    }
    Verdict verdict = OrderRules.wellFormed(update);
    if (verdict.accepted()) {
      verdict = OrderRules.judge(order(update.orderId()).after(), update);
      history.add(new Entry(update, verdict));
    }
    if (verdict.accepted()) {
      orders.put(
          update.orderId(),
          new Change<>(
              order(update.orderId()).before(), new OrderState(update.status(), update.version())));
      lamports.put(update.orderId(), update.lamport());
    }
    now.put(key(update), new Entry(update, verdict));
    watermarks.put(update.clientId(), new Change<>(client.before(), update.sequence()));
    return new Answer(verdict, true, update.sequence());
  }

  private Verdict before(OrderUpdate update) throws SQLException {
    Entry entry = now.get(key(update));
    Verdict before;
    if (entry == null) {
      before = reader.answered(update);
    } else {
      OrderUpdate first = entry.update();
      boolean same =
          first.orderId().equals(update.orderId())
              && first.version() == update.version()
              && first.status() == update.status();
      before = same ? entry.verdict() : null;
    }
    return before == null ? Verdict.INVALID : before;
  }

  private static String key(OrderUpdate update) {
    return update.sequence() + " " + update.clientId();
  }

  private Change<Long> client(String clientId) throws SQLException {
    Change<Long> client = watermarks.get(clientId);
    if (client == null) {
      Long stored = reader.watermark(clientId);
      client = new Change<>(stored, stored);
      watermarks.put(clientId, client);
    }
    return client;
  }

  private Change<OrderState> order(String orderId) throws SQLException {
    Change<OrderState> order = orders.get(orderId);
    if (order == null) {
      OrderState stored = reader.order(orderId);
      order = new Change<>(stored, stored);
      orders.put(orderId, order);
    }
    return order;
  }

  Map<String, Change<Long>> watermarks() {
    return watermarks;
  }

  Map<String, Change<OrderState>> orders() {
    return orders;
  }

  long lamport(String orderId) {
    return lamports.get(orderId);
  }

  List<Entry> history() {
    return history;
  }

  /** Accepted updates with which an order ships. */
  List<OrderUpdate> shipped() {
    return history.stream()
        .filter(entry -> entry.verdict().accepted())
        .map(Entry::update)
        .filter(update -> update.status() == OrderStatus.SHIPPED)
        .toList();
  }
}
