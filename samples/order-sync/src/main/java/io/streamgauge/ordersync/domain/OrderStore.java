package io.streamgauge.ordersync.domain;

import java.util.List;

/** Port: where orders are kept. */
public interface OrderStore extends AutoCloseable {

  /**
   * Judges and applies updates in one transaction. When it returns, what was accepted is durable;
   * an update that was answered before gets the same answer again and changes nothing, and one
   * whose predecessor is missing is not answered at all ({@link Verdict#OUT_OF_SEQUENCE}).
   *
   * @return one answer per update, in order
   * @throws StoreException if nothing of the batch was stored
   */
  List<Answer> apply(List<OrderUpdate> batch) throws StoreException;

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
