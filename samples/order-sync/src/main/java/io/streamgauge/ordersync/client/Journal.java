package io.streamgauge.ordersync.client;

import io.streamgauge.ordersync.domain.OrderUpdate;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * What a client sent and what it was told, one line each, appended: {@code sent sequence order
 * version status} before an update goes out for the first time, {@code ack sequence verdict} when
 * its answer arrives. Reaches the operating system with each line, so it survives the death of the
 * process (not of the machine).
 */
final class Journal implements AutoCloseable {

  private final BufferedWriter out;

  Journal(Path file) throws IOException {
    out = Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  void sent(OrderUpdate update) throws IOException {
    line(
        "sent "
            + update.sequence()
            + ' '
            + update.orderId()
            + ' '
            + update.version()
            + ' '
            + update.status());
  }

  void ack(long sequence, boolean accepted, String reason) throws IOException {
    line("ack " + sequence + ' ' + (accepted ? "accepted" : reason));
  }

  private void line(String text) throws IOException {
    out.write(text);
    out.newLine();
    out.flush();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
