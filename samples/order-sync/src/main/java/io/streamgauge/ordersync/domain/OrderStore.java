package io.streamgauge.ordersync.domain;

import java.util.List;

/** Port: where orders are kept. Used by one thread. */
public interface OrderStore extends AutoCloseable {

  /**
   * Judges and applies updates in one transaction. When it returns, what was accepted is durable,
   * and with each order that ships the duty to tell fulfilment of it; an update that was answered
   * before gets the same answer again and changes nothing, and one whose predecessor is missing is
   * not answered at all ({@link Verdict#OUT_OF_SEQUENCE}).
   *
   * @param told shipments of which fulfilment has been told; forgotten in the same transaction
   * @return one answer per update, in order
   * @throws StoreException if nothing of the batch was stored
   */
  List<Answer> apply(List<OrderUpdate> batch, List<Shipment> told) throws StoreException;

  /** Shipments of which fulfilment has not been told, oldest first, at most that many. */
  List<Shipment> untold(int limit) throws StoreException;

  /**
   * Tries whether the store can be written: in one transaction, writes what that many updates would
   * and takes it back, so that no reader ever sees it.
   *
   * @throws StoreException if it cannot be written
   */
  void probe(int updates) throws StoreException;

  @Override
  void close();

  /** Nothing was stored; the message says why and where. */
  final class StoreException extends Exception {
    private static final long serialVersionUID = 1L;

    public StoreException(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
