package io.streamgauge.console.trace;

import io.streamgauge.console.http.ConsoleFault;
import java.io.IOException;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.MalformedURLException;
import java.net.URL;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Sends what was received on to another OTLP endpoint, such as Jaeger's or a collector's, as it
 * came. What that endpoint does not take is dropped and counted; no thread waits for it.
 */
public final class TraceForward implements AutoCloseable {

  /** Requests that may wait, and bytes of them, if an eighth of the heap is not less. */
  static final int MAX_WAITING = 256;

  private static final long MOST_WAITING_BYTES = 64 * 1024 * 1024;
  private static final int TIMEOUT_MILLIS = 5_000;
  private static final List<byte[]> END = Collections.emptyList();

  private final URL url;
  private final long maxWaitingBytes = TraceLimits.ofHeap(8, MOST_WAITING_BYTES);
  private final BlockingQueue<List<byte[]>> waiting = new LinkedBlockingQueue<>(MAX_WAITING);
  private final AtomicLong waitingBytes = new AtomicLong();
  private final LongAdder sent = new LongAdder();
  private final LongAdder dropped = new LongAdder();
  private final Thread thread = new Thread(this::run, "otlp-forward");

  /**
   * Prepares it.
   *
   * @param endpoint base address, for example {@code http://127.0.0.1:4318}
   * @throws IllegalArgumentException if that is no http address
   */
  public TraceForward(String endpoint) {
    try {
      url = new URL(endpoint.replaceAll("/+$", "") + "/v1/traces");
    } catch (MalformedURLException e) {
      throw new IllegalArgumentException("'" + endpoint + "' is not an http address", e);
    }
    if (!url.getProtocol().matches("https?") || url.getHost().isEmpty()) {
      throw new IllegalArgumentException("'" + endpoint + "' is not an http address");
    }
    thread.setDaemon(true);
    thread.start();
  }

  /** Takes a body in its parts, none of which is empty. */
  void accept(List<byte[]> body) {
    int length = length(body);
    if (waitingBytes.addAndGet(length) > maxWaitingBytes || !waiting.offer(body)) {
      waitingBytes.addAndGet(-length);
      dropped.increment();
    }
  }

  private static int length(List<byte[]> body) {
    int length = 0;
    for (byte[] part : body) {
      length += part.length;
    }
    return length;
  }

  /** Requests the endpoint has taken. */
  public long sent() {
    return sent.sum();
  }

  /** Requests it has not. */
  public long dropped() {
    return dropped.sum();
  }

  private void run() {
    try {
      for (List<byte[]> body = waiting.take(); body != END; body = waiting.take()) {
        (send(body) ? sent : dropped).increment();
        waitingBytes.addAndGet(-length(body));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean send(List<byte[]> body) {
    try {
      HttpURLConnection connection = (HttpURLConnection) url.openConnection();
      connection.setConnectTimeout(TIMEOUT_MILLIS);
      connection.setReadTimeout(TIMEOUT_MILLIS);
      connection.setRequestMethod("POST");
      connection.setRequestProperty("Content-Type", TraceReceiver.PROTOBUF);
      connection.setDoOutput(true);
      connection.setFixedLengthStreamingMode(length(body));
      try (OutputStream out = connection.getOutputStream()) {
        for (byte[] part : body) {
          out.write(part);
        }
      }
      int code = connection.getResponseCode();
      connection.disconnect();
      return code / 100 == 2;
    } catch (IOException | RuntimeException | Error e) {
      ConsoleFault.passIfFatal(e);
      return false;
    }
  }

  /** Sends what still waits, for a few seconds at most. */
  @Override
  public void close() {
    try {
      if (waiting.offer(END, TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)) {
        thread.join(TIMEOUT_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    thread.interrupt();
  }
}
