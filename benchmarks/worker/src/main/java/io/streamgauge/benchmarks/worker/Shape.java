package io.streamgauge.benchmarks.worker;

import io.grpc.ManagedChannelBuilder;
import io.grpc.ServerBuilder;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;

/**
 * How unary calls are made.
 *
 * @param sockets over Netty on loopback, rather than in the process
 * @param tls encrypted; only over sockets
 * @param threads on which threads callbacks run
 * @param bytes of each message
 * @param callers threads that call at the same time
 */
record Shape(boolean sockets, boolean tls, Threads threads, int bytes, int callers) {

  private static final Shape IN_PROCESS =
      new Shape(false, false, Threads.TRANSPORT, BenchMethods.MESSAGE_BYTES, 1);

  private static final Shape NETTY =
      new Shape(true, false, Threads.TRANSPORT, BenchMethods.MESSAGE_BYTES, 1);

  /** Where the callbacks of calls run. */
  enum Threads {
    /** On the transport's own threads, which is as thin as gRPC can be. */
    TRANSPORT,
    /** On gRPC's default executors. */
    DEFAULT,
    /** Each on a virtual thread, from JDK 21 on. */
    VIRTUAL;

    void use(ServerBuilder<?> server) {
      switch (this) {
        case TRANSPORT -> server.directExecutor();
        case VIRTUAL -> server.executor(virtual());
        default -> {}
      }
    }

    void use(ManagedChannelBuilder<?> channel) {
      switch (this) {
        case TRANSPORT -> channel.directExecutor();
        case VIRTUAL -> channel.executor(virtual());
        default -> {}
      }
    }

    /** By its name: this is compiled for JDK 17. */
    private static Executor virtual() {
      try {
        return (Executor) Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("this JDK has no virtual threads", e);
      }
    }
  }

  private Shape callers(int callers) {
    return new Shape(sockets, tls, threads, bytes, callers);
  }

  private Shape bytes(int bytes) {
    return new Shape(sockets, tls, threads, bytes, callers);
  }

  private Shape threads(Threads threads) {
    return new Shape(sockets, tls, threads, bytes, callers);
  }

  /** The shape of that scenario; null if its calls are not unary. */
  static Shape of(String scenario) {
    return switch (scenario) {
      case "S1" -> IN_PROCESS;
      case "S4" -> NETTY;
      case "C2" -> IN_PROCESS.callers(2);
      case "C8" -> IN_PROCESS.callers(8);
      case "N4K" -> NETTY.bytes(4 << 10);
      case "N64K" -> NETTY.bytes(64 << 10);
      case "TLS" -> new Shape(true, true, Threads.TRANSPORT, BenchMethods.MESSAGE_BYTES, 1);
      case "EXEC" -> NETTY.threads(Threads.DEFAULT);
      case "VT" -> NETTY.threads(Threads.VIRTUAL);
      default -> null;
    };
  }
}
