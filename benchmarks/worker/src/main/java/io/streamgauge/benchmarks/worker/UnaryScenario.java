package io.streamgauge.benchmarks.worker;

import io.grpc.CallOptions;
import io.grpc.stub.ClientCalls;
import java.io.IOException;

/** S1 and S4: a blocking unary call; an operation is a call. */
final class UnaryScenario implements Scenario {

  private final BenchRig rig;
  private final CallOptions options;
  private final byte[] message = BenchMethods.message();

  UnaryScenario(Subject subject, boolean sockets) throws IOException {
    rig = new BenchRig(subject, sockets);
    options = subject.options();
  }

  @Override
  public void run(int operations) {
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
    rig.close();
  }
}
