package io.streamgauge.testkit;

import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;

/**
 * A server told by its messages what to do, so that the same suite can drive it in this process or
 * another: {@code count:N} answers N messages, {@code large:N:BYTES} N large ones, {@code
 * fail:CODE} ends with that status, {@code throw} throws out of the handler, {@code hang} does
 * nothing, anything else is echoed.
 */
public final class TestService {

  private TestService() {}

  public static ServerServiceDefinition create() {
    return ServerServiceDefinition.builder(TestMethods.DESCRIPTOR)
        .addMethod(TestMethods.UNARY, ServerCalls.asyncUnaryCall(TestService::one))
        .addMethod(
            TestMethods.SERVER_STREAM, ServerCalls.asyncServerStreamingCall(TestService::one))
        .addMethod(
            TestMethods.CLIENT_STREAM,
            ServerCalls.asyncClientStreamingCall(responses -> new Many(responses, false)))
        .addMethod(
            TestMethods.BIDI,
            ServerCalls.asyncBidiStreamingCall(responses -> new Many(responses, true)))
        .build();
  }

  private static void one(String command, StreamObserver<String> responses) {
    if (act(command, responses)) {
      responses.onCompleted();
    }
  }

  /**
   * Does what a message says.
   *
   * @return whether the stream is still open
   */
  private static boolean act(String command, StreamObserver<String> responses) {
    if (command.startsWith("count:")) {
      int count = Integer.parseInt(command.substring("count:".length()));
      for (int i = 0; i < count; i++) {
        responses.onNext("message " + i);
      }
      return true;
    }
    if (command.startsWith("large:")) {
      String[] countAndSize = command.split(":", -1);
      String large = "x".repeat(Integer.parseInt(countAndSize[2]));
      for (int i = 0; i < Integer.parseInt(countAndSize[1]); i++) {
        responses.onNext(large);
      }
      return true;
    }
    if (command.startsWith("fail:")) {
      Status.Code code = Status.Code.valueOf(command.substring("fail:".length()));
      responses.onError(Status.fromCode(code).withDescription("asked for it").asRuntimeException());
      return false;
    }
    if (command.equals("throw")) {
      throw new IllegalStateException("asked for it");
    }
    if (command.equals("hang")) {
      return false;
    }
    responses.onNext(command);
    return true;
  }

  /** Acts on each message of a bidi stream, or on the last one of a client stream. */
  private static final class Many implements StreamObserver<String> {
    private final StreamObserver<String> responses;
    private final boolean each;
    private String last = "";
    private boolean open = true;

    Many(StreamObserver<String> responses, boolean each) {
      this.responses = responses;
      this.each = each;
    }

    @Override
    public void onNext(String command) {
      last = command;
      if (each && open) {
        open = act(command, responses);
      }
    }

    @Override
    public void onError(Throwable t) {}

    @Override
    public void onCompleted() {
      if (!each) {
        open = act(last, responses);
      }
      if (open) {
        responses.onCompleted();
      }
    }
  }
}
