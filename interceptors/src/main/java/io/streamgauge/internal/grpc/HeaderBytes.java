package io.streamgauge.internal.grpc;

import io.grpc.InternalMetadata;
import io.grpc.InternalMetadata.TrustedAsciiMarshaller;
import io.grpc.Metadata;
import io.streamgauge.internal.guard.CallPath;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;

/** Text headers as the bytes they are sent as. What is put there must be printable ASCII. */
public final class HeaderBytes {

  /** The one thing of gRPC's internal API that we use, apart from the rest for where it is not. */
  private static final class Trusted {
    private static final TrustedAsciiMarshaller<byte[]> BYTES =
        new TrustedAsciiMarshaller<byte[]>() {
          @Override
          public byte[] toAsciiString(byte[] value) {
            return value;
          }

          @Override
          public byte[] parseAsciiString(byte[] serialized) {
            return serialized;
          }
        };

    static Metadata.Key<byte[]> key(String name) {
      return InternalMetadata.keyOf(name, BYTES);
    }
  }

  private static final Metadata.AsciiMarshaller<byte[]> TEXT =
      new Metadata.AsciiMarshaller<byte[]>() {
        @Override
        public String toAsciiString(byte[] value) {
          return new String(value, StandardCharsets.ISO_8859_1);
        }

        @Override
        public byte[] parseAsciiString(String serialized) {
          return serialized.getBytes(StandardCharsets.ISO_8859_1);
        }
      };

  private HeaderBytes() {}

  /**
   * A key of that name.
   *
   * @throws IllegalArgumentException if it is no name of a text header
   */
  public static Metadata.Key<byte[]> key(String name) {
    try {
      return Trusted.key(name);
    } catch (LinkageError e) {
      return byText(name); // another gRPC: the same, at the price of a text each time
    }
  }

  static Metadata.Key<byte[]> byText(String name) {
    return Metadata.Key.of(name, TEXT);
  }

  /** The value of a header that is there once; null where it is not there, or more than once. */
  @CallPath
  public static byte[] only(Metadata headers, Metadata.Key<byte[]> key) {
    Iterable<byte[]> all = headers.getAll(key);
    if (all == null) {
      return null;
    }
    Iterator<byte[]> values = all.iterator();
    byte[] first = values.next();
    return values.hasNext() ? null : first;
  }
}
