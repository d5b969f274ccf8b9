package io.streamgauge.ordersync.flow;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Limits that follow a file. Its directory is watched, so that a file that is replaced (as a
 * mounted ConfigMap is, by a link) is noticed too. A file that is wrong changes nothing.
 */
public final class FlowLimitsWatch implements Supplier<FlowLimits>, AutoCloseable {

  private static final System.Logger logger = System.getLogger("ordersync");

  private final Path file;
  private final Consumer<Boolean> onReload;
  private final WatchService watch;
  private volatile FlowLimits limits;

  /**
   * Reads the file and begins to watch it.
   *
   * @param onReload hears of each change that was noticed, whether it was good
   * @throws IOException if the file cannot be read
   * @throws IllegalArgumentException naming the key that is wrong
   */
  public FlowLimitsWatch(Path file, Consumer<Boolean> onReload) throws IOException {
    this.file = file.toAbsolutePath();
    this.onReload = onReload;
    Path directory = this.file.getParent();
    this.watch = directory.getFileSystem().newWatchService();
    directory.register(
        watch,
        StandardWatchEventKinds.ENTRY_CREATE,
        StandardWatchEventKinds.ENTRY_MODIFY,
        StandardWatchEventKinds.ENTRY_DELETE);
    try {
      limits = FlowLimitsFile.read(file);
    } catch (IOException | IllegalArgumentException e) {
      watch.close();
      throw e;
    }
    Thread thread = new Thread(this::run, "limits-watch");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public FlowLimits get() {
    return limits;
  }

  private void run() {
    try {
      while (true) {
        WatchKey key = watch.take();
        key.pollEvents();
        reload();
        if (!key.reset()) {
          logger.log(System.Logger.Level.WARNING, "the directory of " + file + " is gone");
          return;
        }
      }
    } catch (InterruptedException | ClosedWatchServiceException e) {
      // closed
    }
  }

  private void reload() {
    try {
      FlowLimits read = FlowLimitsFile.read(file);
      if (!read.equals(limits)) {
        limits = read;
        onReload.accept(true);
        logger.log(System.Logger.Level.INFO, "limits are now " + read);
      }
    } catch (IOException | IllegalArgumentException e) {
      onReload.accept(false);
      logger.log(
          System.Logger.Level.WARNING, "limits stay as they were; " + file + ": " + e.getMessage());
    }
  }

  @Override
  public void close() throws IOException {
    watch.close();
  }
}
