package io.streamgauge.soak;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.streamgauge.testkit.fixture.Await;
import io.streamgauge.testkit.fixture.TestMethods;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/** Calls and short streams that come and go, in every way a call can end. */
final class SoakChurn {

  private static final int IN_FLIGHT = 300;
  private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final ManagedChannel channel;
  private final Semaphore room = new Semaphore(IN_FLIGHT);
  private final Map<Status.Code, LongAdder> ends = new ConcurrentHashMap<>();
  private final Random random = new Random(7);
  private long started;

  SoakChurn(ManagedChannel channel) {
    this.channel = channel;
  }

  /**
   * Starts as many calls and as many streams a tick of 10 ms, then waits for all to end. A slow
   * machine falls behind, and goes on until it has started half of what a fast one does.
   */
  void run(int seconds, int perTick) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    long next = System.nanoTime();
    long ticks = TimeUnit.SECONDS.toNanos(seconds) / TICK_NANOS;
    long enough = started + ticks * perTick;
    while (System.nanoTime() < end || started < enough) {
      for (int i = 0; i < perTick; i++) {
        call(TestMethods.UNARY, 1, random.nextInt(100));
        call(TestMethods.BIDI, 3, random.nextInt(100));
      }
      next += TICK_NANOS;
      LockSupport.parkNanos(next - System.nanoTime());
    }
    Await.acquire(room, IN_FLIGHT);
    room.release(IN_FLIGHT);
  }

  private void call(MethodDescriptor<String, String> method, int messages, int dice)
      throws InterruptedException {
    Await.acquire(room, 1);
    boolean late = dice >= 95;
    boolean cancelled = !late && dice >= 85;
    CallOptions options =
        late
            ? CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.MILLISECONDS)
            : CallOptions.DEFAULT;
    ClientCall<String, String> call = channel.newCall(method, options);
    started++;
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onMessage(String message) {
            call.request(1);
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            ends.computeIfAbsent(status.getCode(), code -> new LongAdder()).increment();
            room.release();
          }
        },
        new Metadata());
    call.request(1);
    for (int i = 0; i < messages; i++) {
      call.sendMessage(late || cancelled ? "hang" : dice >= 75 ? "fail:NOT_FOUND" : "hello");
    }
    call.halfClose();
    if (cancelled) {
      call.cancel("asked for it", null);
    }
  }

  long started() {
    return started;
  }

  Map<Status.Code, LongAdder> ends() {
    return ends;
  }
}
