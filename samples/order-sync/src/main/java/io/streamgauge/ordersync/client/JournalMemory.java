package io.streamgauge.ordersync.client;

import io.streamgauge.ordersync.domain.OrderStatus;
import io.streamgauge.ordersync.domain.OrderUpdate;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a client knew when it was last alive, from its journal.
 *
 * @param lastSequence highest sequence it has used, 0 if none
 * @param lastOrder highest number of an order, 0 if none
 * @param unanswered updates it was not told about, in order: they are sent again
 * @param open orders that are not completed, with the status last sent
 */
record JournalMemory(
    long lastSequence,
    long lastOrder,
    List<OrderUpdate> unanswered,
    Map<String, OrderStatus> open) {

  static final JournalMemory NONE = new JournalMemory(0, 0, List.of(), Map.of());

  /**
   * Reads a journal; of a line that was being written when the process died, what is there is cut
   * off, so that the next line begins a new one.
   *
   * @throws IOException naming the file, if it cannot be read or understood
   */
  static JournalMemory read(Path file, String clientId) throws IOException {
    if (!Files.exists(file)) {
      return NONE;
    }
    String text = Files.readString(file);
    int end = text.lastIndexOf('\n') + 1;
    if (end < text.length()) {
      try (RandomAccessFile journal = new RandomAccessFile(file.toFile(), "rw")) {
        journal.setLength(text.substring(0, end).getBytes(StandardCharsets.UTF_8).length);
      }
    }
    Map<Long, OrderUpdate> unanswered = new TreeMap<>();
    Map<String, OrderStatus> open = new LinkedHashMap<>();
    long lastSequence = 0;
    long lastOrder = 0;
    for (String line : text.substring(0, end).lines().toList()) {
      String[] words = line.split(" ", -1);
      try {
        long sequence = Long.parseLong(words[1]);
        if (words[0].equals("sent")) {
          OrderUpdate update =
              new OrderUpdate(
                  clientId,
                  sequence,
                  words[2],
                  Long.parseLong(words[3]),
                  OrderStatus.valueOf(words[4]));
          unanswered.put(sequence, update);
          lastSequence = Math.max(lastSequence, sequence);
          lastOrder =
              Math.max(
                  lastOrder, Long.parseLong(words[2].substring(words[2].lastIndexOf('-') + 1)));
          if (update.status() == OrderStatus.COMPLETED) {
            open.remove(update.orderId());
          } else {
            open.put(update.orderId(), update.status());
          }
        } else {
          unanswered.remove(sequence);
        }
      } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
        throw new IOException("cannot understand '" + line + "' in " + file, e);
      }
    }
    return new JournalMemory(lastSequence, lastOrder, List.copyOf(unanswered.values()), open);
  }
}
