package io.streamgauge.benchmarks.worker;

import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;

/** S2: one endless stream in the process; an operation is a message there and its echo back. */
final class BidiScenario implements Scenario {

  private final BenchRig rig;
  private final byte[] message = BenchMethods.message();
  private final StreamObserver<byte[]> requests;
  private long received;
  private Throwable broken;

  BidiScenario(Subject subject) throws IOException {
    rig = new BenchRig(subject, false);
    requests =
        ClientCalls.asyncBidiStreamingCall(
            rig.channel.newCall(BenchMethods.BIDI, subject.options()),
            new StreamObserver<byte[]>() {
              @Override
              public void onNext(byte[] value) {
                received++;
              }

              @Override
              public void onError(Throwable t) {
                broken = t;
              }

              @Override
              public void onCompleted() {
                broken = new IllegalStateException("the stream has ended");
              }
            });
  }

  /** Direct executors on both sides: the echo has come when the send returns. */
  @Override
  public void run(int operations) {
    long expected = received + operations;
    for (int i = 0; i < operations; i++) {
      requests.onNext(message);
    }
    if (received != expected) {
      throw new IllegalStateException((expected - received) + " echoes are missing", broken);
    }
  }

  @Override
  public void close() {
    requests.onCompleted();
    rig.close();
  }
}
