package io.streamgauge.internal.config;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * {@code streamgauge.config-file}: a properties file whose keys lie on top of code, environment and
 * system properties, looked at once a second. A file that is wrong changes nothing.
 */
public final class ConfigFile {

  private static final Logger logger = Logger.getLogger("io.streamgauge");

  private final Path path;
  private final GaugeConfig base;
  private final GaugeAssembly assembly;
  private final Thread thread = new Thread(this::run, "streamgauge-config");
  private FileTime seen;
  private long size;

  /** What was said last, so that it is said once. */
  private String problem;

  private volatile boolean closed;

  private ConfigFile(GaugeConfig base, GaugeAssembly assembly) {
    this.path = base.file;
    this.base = base;
    this.assembly = assembly;
    thread.setDaemon(true);
  }

  /**
   * Reads the file for the first time and watches it from then on.
   *
   * @throws IllegalArgumentException naming the key if the file cannot be read or is wrong
   */
  public static ConfigFile watch(GaugeConfig base, GaugeAssembly assembly) {
    ConfigFile file = new ConfigFile(base, assembly);
    try {
      file.seen = Files.getLastModifiedTime(base.file);
      file.size = Files.size(base.file);
      assembly.apply(base.with(file.read()));
    } catch (IOException e) {
      throw new IllegalArgumentException(
          GaugeConfig.CONFIG_FILE + ": cannot read " + base.file + ": " + e, e);
    }
    file.thread.start();
    return file;
  }

  private void run() {
    while (!closed) {
      try {
        TimeUnit.SECONDS.sleep(1);
        poll();
      } catch (InterruptedException e) {
        return;
      } catch (Throwable t) {
        assembly.guard().swallow("config.file", t);
      }
    }
  }

  /** Takes a changed file over; one that is wrong is said and counted, and the old one stays. */
  void poll() {
    try {
      FileTime time = Files.getLastModifiedTime(path);
      long length = Files.size(path);
      if (!time.equals(seen) || length != size) {
        GaugeConfig next;
        try {
          next = base.with(read());
        } catch (IllegalArgumentException e) {
          // It will be wrong until it is changed; what cannot be read may be readable next time.
          seen = time;
          size = length;
          throw e;
        }
        seen = time;
        size = length;
        problem = null;
        assembly.apply(next);
        assembly.configChanged(true);
        logger.log(
            Level.INFO,
            "Streamgauge applied {0}: enabled={1} {2}",
            new Object[] {path, assembly.isEnabled(), assembly.policyText()});
      }
    } catch (IOException | IllegalArgumentException e) {
      if (e.toString().equals(problem)) {
        return; // said already
      }
      problem = e.toString();
      assembly.configChanged(false);
      logger.log(
          Level.WARNING,
          "Streamgauge did not apply {0} and keeps the settings it had: {1}",
          new Object[] {path, e.getMessage()});
    }
  }

  private Properties read() throws IOException {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(path)) {
      properties.load(reader);
    }
    return properties;
  }

  public void close() {
    closed = true;
    thread.interrupt();
  }
}
