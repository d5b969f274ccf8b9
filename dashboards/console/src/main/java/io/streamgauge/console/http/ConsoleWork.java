package io.streamgauge.console.http;

import java.io.IOException;

/**
 * One request on its thread: how long it has waited for its peer. Where that is too long, {@link
 * ConsoleWatch} interrupts the thread, which closes the connection it reads from or writes to. The
 * thread is interrupted in such a wait only, so that handlers, and what they call of the
 * application's, never see it.
 */
final class ConsoleWork {

  private final Thread thread = Thread.currentThread();
  private final long patienceNanos;

  /** Guarded by this, as all that follows. A request begins with a wait for its head. */
  private boolean waiting = true;

  private long since = System.nanoTime();
  private long waited;
  private boolean endless;
  private boolean cut;

  /** Used by its own thread only; null for none. */
  private Error passing;

  ConsoleWork(long patienceNanos) {
    this.patienceNanos = patienceNanos;
  }

  Thread thread() {
    return thread;
  }

  /** The connection is closed first, or its peer would wait for ever. */
  void passLater(Error fatal) {
    passing = fatal;
  }

  void pass() {
    if (passing != null) {
      throw passing;
    }
  }

  /** An answer without an end has its peer's patience anew with each write. */
  synchronized void endless() {
    endless = true;
    waited = 0;
  }

  /**
   * A wait for the peer begins.
   *
   * @throws IOException if one was cut before: the connection is closed
   */
  synchronized void waits() throws IOException {
    if (cut) {
      throw new IOException("the peer took too long");
    }
    waiting = true;
    since = System.nanoTime();
  }

  /** It is over, one way or the other. */
  synchronized void goesOn() {
    if (waiting) {
      waiting = false;
      waited = endless ? 0 : waited + System.nanoTime() - since;
    }
    if (cut) {
      boolean unused = Thread.interrupted();
    }
  }

  /** True if it was cut now. */
  synchronized boolean cutIfTooLong(long now) {
    if (!waiting || cut || waited + now - since <= patienceNanos) {
      return false;
    }
    cut = true;
    thread.interrupt();
    return true;
  }
}
