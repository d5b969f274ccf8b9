package io.streamgauge.ordersync.client;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * The one thread all sessions live on. A task that throws is logged and the next one still runs:
 * what failed is one client, not the process.
 */
public final class EventLoop implements Executor, AutoCloseable {

  private static final Logger logger = Logger.getLogger("ordersync.client");

  private volatile boolean failed;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "order-sync-loop"));

  @Override
  public void execute(Runnable task) {
    try {
      thread.execute(guarded(task));
    } catch (RejectedExecutionException e) {
      // gRPC still reports ends after the loop has closed; no session is left that would act on
      // them.
      logger.log(Level.FINE, "event after close", e);
    }
  }

  public void after(long millis, Runnable task) {
    Future<?> unused = thread.schedule(guarded(task), millis, TimeUnit.MILLISECONDS);
  }

  public void every(long millis, Runnable task) {
    Future<?> unused =
        thread.scheduleAtFixedRate(guarded(task), millis, millis, TimeUnit.MILLISECONDS);
  }

  /** Runs a task on the loop and waits for its result; not from the loop itself. */
  public <T> T call(Callable<T> task) throws InterruptedException {
    try {
      return thread.submit(task).get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  /** Runs a task now, on the loop itself, guarded like any other. */
  void run(Runnable task) {
    guarded(task).run();
  }

  private Runnable guarded(Runnable task) {
    return () -> {
      try {
        task.run();
      } catch (RuntimeException e) {
        logger.log(Level.SEVERE, "a client's task failed", e);
        failed = true;
      }
    };
  }

  /** Whether a task has thrown; what the clients say of themselves is then not to be trusted. */
  public boolean hasFailed() {
    return failed;
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
