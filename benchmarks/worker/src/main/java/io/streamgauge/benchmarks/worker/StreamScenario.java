package io.streamgauge.benchmarks.worker;

import io.grpc.CallOptions;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;

/** S3: server streaming over Netty; an operation is a message. */
final class StreamScenario implements Scenario {

  private final BenchRig rig;
  private final CallOptions options;

  StreamScenario(Subject subject) throws IOException {
    rig = new BenchRig(subject, true);
    options = subject.options();
  }

  @Override
  public void run(int operations) throws InterruptedException {
    if (operations % BenchMethods.STREAM_MESSAGES != 0) {
      throw new IllegalArgumentException(
          operations + " is no multiple of " + BenchMethods.STREAM_MESSAGES);
    }
    for (int i = 0; i < operations; i += BenchMethods.STREAM_MESSAGES) {
      Answers answers = new Answers();
      ClientCalls.asyncServerStreamingCall(
          rig.channel.newCall(BenchMethods.STREAM, options), BenchMethods.message(), answers);
      answers.over.await();
      if (answers.received != BenchMethods.STREAM_MESSAGES) {
        throw new IllegalStateException(answers.received + " messages came", answers.broken);
      }
    }
  }

  @Override
  public void close() {
    rig.close();
  }

  private static final class Answers implements StreamObserver<byte[]> {
    private final CountDownLatch over = new CountDownLatch(1);
    private int received;
    private Throwable broken;

    @Override
    public void onNext(byte[] value) {
      received++;
    }

    @Override
    public void onError(Throwable t) {
      broken = t;
      over.countDown();
    }

    @Override
    public void onCompleted() {
      over.countDown();
    }
  }
}
