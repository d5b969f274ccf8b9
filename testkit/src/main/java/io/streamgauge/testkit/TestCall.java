package io.streamgauge.testkit;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A client call driven by hand; asks for every response unless told otherwise. */
public final class TestCall {

  private final ClientCall<String, String> call;
  private final CompletableFuture<Status> end = new CompletableFuture<>();
  private final ConcurrentLinkedQueue<String> received = new ConcurrentLinkedQueue<>();

  private final CountDownLatch hold;

  private TestCall(ClientCall<String, String> call, CountDownLatch hold) {
    this.call = call;
    this.hold = hold;
  }

  /** Asks for everything and holds the first response until {@code free}. */
  public static TestCall holding(
      Channel channel,
      MethodDescriptor<String, String> method,
      CallOptions options,
      CountDownLatch free) {
    TestCall test = new TestCall(channel.newCall(method, options), free);
    test.call.start(test.new Listener(), new Metadata());
    test.call.request(Integer.MAX_VALUE);
    return test;
  }

  public static TestCall start(
      Channel channel, MethodDescriptor<String, String> method, CallOptions options) {
    return start(channel, method, options, new Metadata(), Integer.MAX_VALUE);
  }

  public static TestCall start(
      Channel channel,
      MethodDescriptor<String, String> method,
      CallOptions options,
      Metadata headers,
      int demand) {
    TestCall test = new TestCall(channel.newCall(method, options), new CountDownLatch(0));
    test.call.start(test.new Listener(), headers);
    if (demand > 0) {
      test.call.request(demand);
    }
    return test;
  }

  public void send(String message) {
    call.sendMessage(message);
  }

  public void halfClose() {
    call.halfClose();
  }

  public void request(int messages) {
    call.request(messages);
  }

  public void cancel() {
    call.cancel("the test cancels", null);
  }

  public boolean isReady() {
    return call.isReady();
  }

  public int received() {
    return received.size();
  }

  /** What was received so far, in order. */
  public List<String> messages() {
    return List.copyOf(received);
  }

  public Status awaitEnd() {
    try {
      return end.get(StreamContract.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("the call did not end", e);
    }
  }

  private final class Listener extends ClientCall.Listener<String> {
    @Override
    public void onMessage(String message) {
      try {
        hold.await(StreamContract.PATIENCE.toSeconds(), TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      received.add(message);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      end.complete(status);
    }
  }
}
