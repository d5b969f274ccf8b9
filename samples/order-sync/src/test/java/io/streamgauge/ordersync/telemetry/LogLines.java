package io.streamgauge.ordersync.telemetry;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Everything this process logs while it is open. */
public final class LogLines extends Handler {

  private final List<LogRecord> records = new CopyOnWriteArrayList<>();

  public LogLines() {
    Logger.getLogger("").addHandler(this);
  }

  public List<LogRecord> records() {
    return records;
  }

  public List<String> lines() {
    return records.stream().map(LogRecord::getMessage).toList();
  }

  @Override
  public void publish(LogRecord logged) {
    records.add(logged);
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    Logger.getLogger("").removeHandler(this);
  }
}
