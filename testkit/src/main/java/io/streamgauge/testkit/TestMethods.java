package io.streamgauge.testkit;

import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServiceDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** One method of each kind, with strings for messages and no generated code. */
public final class TestMethods {

  public static final String SERVICE = "streamgauge.test.Echo";

  public static final MethodDescriptor<String, String> UNARY = method(MethodType.UNARY, "Unary");
  public static final MethodDescriptor<String, String> CLIENT_STREAM =
      method(MethodType.CLIENT_STREAMING, "ClientStream");
  public static final MethodDescriptor<String, String> SERVER_STREAM =
      method(MethodType.SERVER_STREAMING, "ServerStream");
  public static final MethodDescriptor<String, String> BIDI =
      method(MethodType.BIDI_STREAMING, "Bidi");

  /** A method no server implements. */
  public static final MethodDescriptor<String, String> MISSING =
      method(MethodType.UNARY, "Missing");

  public static final ServiceDescriptor DESCRIPTOR =
      ServiceDescriptor.newBuilder(SERVICE)
          .addMethod(UNARY)
          .addMethod(CLIENT_STREAM)
          .addMethod(SERVER_STREAM)
          .addMethod(BIDI)
          .build();

  private TestMethods() {}

  /** A unary method of any name, as a hostile or confused caller would use. */
  public static MethodDescriptor<String, String> unary(String fullMethodName) {
    return build(MethodType.UNARY, fullMethodName);
  }

  private static MethodDescriptor<String, String> method(MethodType type, String name) {
    return build(type, SERVICE + "/" + name);
  }

  private static MethodDescriptor<String, String> build(MethodType type, String fullMethodName) {
    return MethodDescriptor.<String, String>newBuilder()
        .setType(type)
        .setFullMethodName(fullMethodName)
        .setRequestMarshaller(new Utf8())
        .setResponseMarshaller(new Utf8())
        .build();
  }

  private static final class Utf8 implements MethodDescriptor.Marshaller<String> {

    @Override
    public InputStream stream(String value) {
      return new Bytes(value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String parse(InputStream stream) {
      try {
        return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static final class Bytes extends ByteArrayInputStream implements KnownLength {
    Bytes(byte[] bytes) {
      super(bytes);
    }
  }
}
