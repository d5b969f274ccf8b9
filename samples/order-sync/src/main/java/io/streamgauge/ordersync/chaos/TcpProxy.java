package io.streamgauge.ordersync.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A path between client and server that can be made bad while it is used; on 127.0.0.1. */
final class TcpProxy implements AutoCloseable {

  /** How bad. */
  enum Path {
    /** What comes goes. */
    OPEN,
    /** From the client nothing arrives any more, and neither side is told. */
    BLACK_HOLE,
    /** One byte a second in each direction. */
    TRICKLE,
    /** Every second new connection waits before it is carried on. */
    SLOW_START
  }

  private static final long SLOW_START_MILLIS = 700;
  private static final int BUFFER = 8_192;

  private final int target;
  private final ServerSocket listener;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final AtomicInteger connections = new AtomicInteger();
  private volatile Path path = Path.OPEN;

  TcpProxy(int target) throws IOException {
    this.target = target;
    listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    start("accept", this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  void path(Path next) {
    path = next;
  }

  /** Ends all connections: in order, or with a reset wherever in a frame that is. */
  void cut(boolean reset) {
    for (Socket socket : sockets) {
      try {
        if (reset) {
          socket.setSoLinger(true, 0);
        }
        socket.close();
      } catch (IOException e) {
        // gone already
      }
    }
    sockets.clear();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        start("connect", () -> connect(client));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void connect(Socket client) {
    try {
      if (path == Path.SLOW_START && connections.getAndIncrement() % 2 == 0) {
        TimeUnit.MILLISECONDS.sleep(SLOW_START_MILLIS);
      }
      Socket server = new Socket();
      server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target), 1_000);
      sockets.add(client);
      sockets.add(server);
      start("up", () -> copy(client, server, true));
      copy(server, client, false);
    } catch (IOException e) {
      close(client);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void copy(Socket from, Socket to, boolean up) {
    byte[] buffer = new byte[BUFFER];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      while (true) {
        boolean trickles = path == Path.TRICKLE;
        int read = in.read(buffer, 0, trickles ? 1 : buffer.length);
        if (read < 0) {
          break;
        }
        // Swallowed until the connection is gone: bytes that are missing cannot be made up for.
        while (up && path == Path.BLACK_HOLE && !from.isClosed()) {
          TimeUnit.MILLISECONDS.sleep(10);
        }
        if (trickles) {
          for (int i = 0; i < 100 && path == Path.TRICKLE; i++) {
            TimeUnit.MILLISECONDS.sleep(10);
          }
        }
        out.write(buffer, 0, read);
      }
    } catch (SocketException e) {
      // cut
    } catch (IOException e) {
      // the other side is gone
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      close(from);
      close(to);
    }
  }

  private void close(Socket socket) {
    sockets.remove(socket);
    try {
      socket.close();
    } catch (IOException e) {
      // gone already
    }
  }

  private static void start(String name, Runnable task) {
    Thread thread = new Thread(task, "proxy-" + name);
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    cut(false);
  }
}
