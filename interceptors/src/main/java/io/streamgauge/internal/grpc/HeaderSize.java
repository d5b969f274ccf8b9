package io.streamgauge.internal.grpc;

import io.grpc.Metadata;
import io.streamgauge.internal.guard.CallPath;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How large a call's headers are before we add anything: grpc-java refuses a header list above
 * 8,192 bytes, and a call that works without us must work with us.
 */
final class HeaderSize {

  /**
   * Bytes of the application's metadata up to which we add ours; what gRPC adds itself and our at
   * most 256 bytes fit between this and the limit.
   */
  static final int LIMIT = 7_168;

  /** What HTTP/2 counts for an entry besides its name and value (RFC 9113, 6.5.2). */
  private static final int ENTRY = 32;

  private static final int MAX_KEYS = 256;

  private static final Map<String, Metadata.Key<?>> KEYS = new ConcurrentHashMap<>();

  private HeaderSize() {}

  /** Bytes of the headers as HTTP/2 counts them, without gRPC's own. */
  @CallPath
  static int size(Metadata headers) {
    int size = 0;
    for (String name : headers.keys()) {
      Metadata.Key<?> key = key(name);
      Iterable<?> values = headers.getAll(key);
      if (values != null) {
        for (Object value : values) {
          size += ENTRY + name.length() + length(value);
        }
      }
    }
    return size;
  }

  private static int length(Object value) {
    return value instanceof byte[]
        // As text, in base64.
        ? (((byte[]) value).length + 2) / 3 * 4
        : ((String) value).length();
  }

  private static Metadata.Key<?> key(String name) {
    Metadata.Key<?> known = KEYS.get(name);
    if (known != null) {
      return known;
    }
    Metadata.Key<?> made =
        name.endsWith(Metadata.BINARY_HEADER_SUFFIX)
            ? Metadata.Key.of(name, Metadata.BINARY_BYTE_MARSHALLER)
            : Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
    if (KEYS.size() < MAX_KEYS) {
      KEYS.put(name, made);
    }
    return made;
  }
}
