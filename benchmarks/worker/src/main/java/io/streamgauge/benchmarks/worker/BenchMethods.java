package io.streamgauge.benchmarks.worker;

import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;

/** The service: echoes single messages and streams, and sends as many as it is asked for. */
final class BenchMethods {

  private static final String SERVICE = "streamgauge.bench.Bench";
  private static final BytesMarshaller MARSHALLER = new BytesMarshaller();

  static final int MESSAGE_BYTES = 64;

  /** Messages of one {@link #STREAM} call. */
  static final int STREAM_MESSAGES = 10_000;

  static final MethodDescriptor<byte[], byte[]> UNARY = method("Unary", MethodType.UNARY);
  static final MethodDescriptor<byte[], byte[]> BIDI = method("Bidi", MethodType.BIDI_STREAMING);
  static final MethodDescriptor<byte[], byte[]> STREAM =
      method("Stream", MethodType.SERVER_STREAMING);

  private BenchMethods() {}

  static byte[] message() {
    return new byte[MESSAGE_BYTES];
  }

  static ServerServiceDefinition service() {
    return ServerServiceDefinition.builder(
            ServiceDescriptor.newBuilder(SERVICE)
                .addMethod(UNARY)
                .addMethod(BIDI)
                .addMethod(STREAM)
                .build())
        .addMethod(UNARY, ServerCalls.asyncUnaryCall(BenchMethods::unary))
        .addMethod(BIDI, ServerCalls.asyncBidiStreamingCall(BenchMethods::bidi))
        .addMethod(STREAM, ServerCalls.asyncServerStreamingCall(BenchMethods::stream))
        .build();
  }

  private static void unary(byte[] request, StreamObserver<byte[]> responses) {
    responses.onNext(request);
    responses.onCompleted();
  }

  private static StreamObserver<byte[]> bidi(StreamObserver<byte[]> responses) {
    return new StreamObserver<>() {
      @Override
      public void onNext(byte[] value) {
        responses.onNext(value);
      }

      @Override
      public void onError(Throwable t) {
        // The client has gone; so has the stream.
      }

      @Override
      public void onCompleted() {
        responses.onCompleted();
      }
    };
  }

  private static void stream(byte[] request, StreamObserver<byte[]> responses) {
    ServerCallStreamObserver<byte[]> call = (ServerCallStreamObserver<byte[]>) responses;
    call.setOnReadyHandler(
        new Runnable() {
          private int sent;

          @Override
          public void run() {
            while (call.isReady() && sent < STREAM_MESSAGES) {
              call.onNext(request);
              if (++sent == STREAM_MESSAGES) {
                call.onCompleted();
              }
            }
          }
        });
  }

  private static MethodDescriptor<byte[], byte[]> method(String name, MethodType type) {
    return MethodDescriptor.<byte[], byte[]>newBuilder()
        .setType(type)
        .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, name))
        .setRequestMarshaller(MARSHALLER)
        .setResponseMarshaller(MARSHALLER)
        .build();
  }
}
