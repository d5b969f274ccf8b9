package io.streamgauge.testkit;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.opentelemetry.api.baggage.Baggage;

/**
 * One hop of a chain: hands each message to the next hop, by a call of the same kind, or answers
 * {@code tag in context|tag in header|tag in baggage header} if it is the last.
 */
public final class TestHop {

  public static final Metadata.Key<String> TAG =
      Metadata.Key.of("x-env-tag", Metadata.ASCII_STRING_MARSHALLER);

  public static final Metadata.Key<String> BAGGAGE =
      Metadata.Key.of("baggage", Metadata.ASCII_STRING_MARSHALLER);

  private static final Context.Key<Metadata> HEADERS = Context.key("headers");

  private TestHop() {}

  /**
   * A hop.
   *
   * @param next null for the last
   */
  public static ServerServiceDefinition create(Channel next) {
    ServerServiceDefinition service =
        ServerServiceDefinition.builder(
                ServiceDescriptor.newBuilder(TestMethods.SERVICE)
                    .addMethod(TestMethods.UNARY)
                    .addMethod(TestMethods.BIDI)
                    .build())
            .addMethod(
                TestMethods.UNARY,
                ServerCalls.asyncUnaryCall(
                    (String request, StreamObserver<String> responses) ->
                        unary(next, request, responses)))
            .addMethod(
                TestMethods.BIDI,
                ServerCalls.asyncBidiStreamingCall(
                    (StreamObserver<String> responses) ->
                        next == null
                            ? new Last(responses, HEADERS.get())
                            : ClientCalls.asyncBidiStreamingCall(
                                next.newCall(TestMethods.BIDI, CallOptions.DEFAULT), responses)))
            .build();
    return ServerInterceptors.intercept(service, new Remember());
  }

  private static void unary(Channel next, String request, StreamObserver<String> responses) {
    if (next == null) {
      responses.onNext(seen(HEADERS.get()));
      responses.onCompleted();
    } else {
      ClientCalls.asyncUnaryCall(
          next.newCall(TestMethods.UNARY, CallOptions.DEFAULT), request, responses);
    }
  }

  private static String seen(Metadata headers) {
    return Baggage.current().getEntryValue("gray.tag")
        + "|"
        + headers.get(TAG)
        + "|"
        + headers.get(BAGGAGE);
  }

  private record Last(StreamObserver<String> responses, Metadata headers)
      implements StreamObserver<String> {
    @Override
    public void onNext(String message) {
      responses.onNext(seen(headers));
    }

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {
      responses.onCompleted();
    }
  }

  private static final class Remember implements ServerInterceptor {
    @Override
    public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
        ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
      return Contexts.interceptCall(
          Context.current().withValue(HEADERS, headers), call, headers, next);
    }
  }
}
