package io.streamgauge.benchmarks.worker;

import io.grpc.CallOptions;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Blocking unary calls; an operation is a call. */
final class UnaryScenario implements Scenario {

  private final BenchRig rig;
  private final CallOptions options;
  private final byte[] message;
  private final int callers;

  /** Of all callers but the one that runs the scenario. */
  private final ExecutorService others;

  UnaryScenario(Subject subject, Shape shape) throws IOException {
    rig = new BenchRig(subject, shape);
    options = subject.options();
    message = new byte[shape.bytes()];
    callers = shape.callers();
    others = callers == 1 ? null : Executors.newFixedThreadPool(callers - 1);
  }

  @Override
  public void run(int operations) throws InterruptedException {
    List<Future<?>> running = new ArrayList<>();
    int each = operations / callers;
    for (int i = 1; i < callers; i++) {
      running.add(others.submit(() -> call(each)));
    }
    call(operations - each * (callers - 1));
    for (Future<?> other : running) {
      try {
        other.get();
      } catch (ExecutionException e) {
        throw new IllegalStateException(e.getCause());
      }
    }
  }

  private void call(int operations) {
    for (int i = 0; i < operations; i++) {
      byte[] answer =
          ClientCalls.blockingUnaryCall(rig.channel, BenchMethods.UNARY, options, message);
      if (answer.length != message.length) {
        throw new IllegalStateException("an answer of " + answer.length + " bytes");
      }
    }
  }

  @Override
  public void close() {
    if (others != null) {
      others.shutdownNow();
    }
    rig.close();
  }
}
