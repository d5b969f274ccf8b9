package io.streamgauge.benchmarks.worker;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/**
 * Bytes as they are. The stream drains itself and knows its length, as protobuf's does: without
 * that gRPC copies through a buffer of 8 KB per message, behind which any cost would hide.
 */
final class BytesMarshaller implements MethodDescriptor.Marshaller<byte[]> {

  @Override
  public InputStream stream(byte[] value) {
    return new Stream(value);
  }

  @Override
  public byte[] parse(InputStream stream) {
    try {
      byte[] value = new byte[stream.available()];
      int read = stream.readNBytes(value, 0, value.length);
      if (read != value.length) {
        throw new IOException("only " + read + " of " + value.length + " bytes");
      }
      return value;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class Stream extends ByteArrayInputStream implements Drainable, KnownLength {
    Stream(byte[] value) {
      super(value);
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
      int left = count - pos;
      target.write(buf, pos, left);
      pos = count;
      return left;
    }
  }
}
