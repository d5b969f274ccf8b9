package io.streamgauge.ordersync.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.LinkedHashMap;
import java.util.Map;

/** Where everything in the demo listens, counted from one base. */
public record DemoPorts(int base, boolean agent) {

  /** Distance from the first port to the last. */
  public static final int SPAN = 12;

  /** Everything attached in code. */
  public DemoPorts(int base) {
    this(base, false);
  }

  /** The agent's metrics and open streams have a port each, a console has one for both. */
  int serverStreams() {
    return agent ? base + 5 : serverConsole();
  }

  /** Where the processes list their open streams; what an agent watches has few others. */
  int[] streams() {
    return agent
        ? new int[] {serverStreams(), clientConsole()}
        : new int[] {serverConsole(), stableConsole(), grayConsole(), clientConsole()};
  }

  int viewer() {
    return base;
  }

  int serverConsole() {
    return base + 1;
  }

  int stableConsole() {
    return base + 2;
  }

  int grayConsole() {
    return base + 3;
  }

  int clientConsole() {
    return base + 4;
  }

  int server() {
    return base + 10;
  }

  int stable() {
    return base + 11;
  }

  int gray() {
    return base + 12;
  }

  /** One line naming the first port that is taken, or null. */
  public String taken() {
    Map<Integer, String> uses = new LinkedHashMap<>();
    uses.put(viewer(), "viewer");
    uses.put(serverConsole(), "server's /metrics");
    uses.put(stableConsole(), "stable fulfilment's /metrics");
    uses.put(grayConsole(), "gray fulfilment's /metrics");
    uses.put(clientConsole(), "clients' /metrics");
    if (agent) {
      uses.put(serverStreams(), "server's /api/streams");
    }
    uses.put(server(), "server's gRPC");
    uses.put(stable(), "stable fulfilment's gRPC");
    uses.put(gray(), "gray fulfilment's gRPC");
    for (Map.Entry<Integer, String> use : uses.entrySet()) {
      try (ServerSocket probe =
          new ServerSocket(use.getKey(), 1, InetAddress.getLoopbackAddress())) {
        probe.setReuseAddress(true);
      } catch (IOException e) {
        return "port " + use.getKey() + " (" + use.getValue() + ") is taken";
      }
    }
    return null;
  }
}
