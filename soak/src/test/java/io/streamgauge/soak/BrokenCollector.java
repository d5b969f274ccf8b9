package io.streamgauge.soak;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** A collector on 127.0.0.1 that is of no use. */
interface BrokenCollector extends AutoCloseable {

  String endpoint();

  @Override
  void close();

  /** Takes every connection, reads nothing and says nothing. */
  static BrokenCollector down() throws IOException {
    ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    List<Socket> held = new CopyOnWriteArrayList<>();
    Thread taking =
        new Thread(
            () -> {
              try {
                while (true) {
                  held.add(listener.accept());
                }
              } catch (IOException e) {
                // closed
              }
            },
            "collector-down");
    taking.setDaemon(true);
    taking.start();
    return new BrokenCollector() {
      @Override
      public String endpoint() {
        return "http://127.0.0.1:" + listener.getLocalPort();
      }

      @Override
      public void close() {
        try {
          listener.close();
          for (Socket socket : held) {
            socket.close();
          }
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    };
  }

  /** Answers everything after half a minute. */
  static BrokenCollector slow() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    ExecutorService threads = Executors.newCachedThreadPool();
    CountDownLatch over = new CountDownLatch(1);
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          try {
            exchange.getRequestBody().readAllBytes();
            if (!over.await(30, TimeUnit.SECONDS)) {
              exchange.sendResponseHeaders(200, -1);
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          } finally {
            exchange.close();
          }
        });
    server.start();
    return new BrokenCollector() {
      @Override
      public String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
      }

      @Override
      public void close() {
        over.countDown();
        server.stop(0);
        threads.shutdownNow();
      }
    };
  }
}
