package io.streamgauge.console.trace;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** A stream that ends with a refusal after {@link TraceLimits#MAX_BODY} bytes. */
final class TraceInput extends FilterInputStream {

  private final List<byte[]> copy = new ArrayList<>();

  /** Null for a stream of which no copy is kept. */
  private final TraceBudget.Share share;

  private long read;

  TraceInput(InputStream in) {
    this(in, null);
  }

  /** Keeps a copy of what is read, on the account of the share. */
  TraceInput(InputStream in, TraceBudget.Share share) {
    super(in);
    this.share = share;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int n = super.read(bytes, offset, length);
    if (n > 0) {
      read += n;
      if (read > TraceLimits.MAX_BODY) {
        throw tooLarge();
      }
      if (share != null) {
        share.take(n);
        copy.add(Arrays.copyOfRange(bytes, offset, offset + n));
      }
    }
    return n;
  }

  @Override
  public long skip(long bytes) throws IOException {
    // Skipped bytes are counted and copied as well.
    byte[] part = new byte[(int) Math.min(bytes, 4_096)];
    return Math.max(0, read(part, 0, part.length));
  }

  /**
   * There may be more, for all that is known: {@link java.util.zip.GZIPInputStream} asks this
   * before it looks for another member, and what has not arrived yet would be lost.
   */
  @Override
  public int available() {
    return 1;
  }

  /** Leaves the stream below open: an answer may have to read it to its end. */
  @Override
  public void close() {}

  /** Reads what is left, and throws it away. */
  void drain() throws IOException {
    byte[] rest = new byte[4_096];
    int n;
    do {
      n = read(rest);
    } while (n >= 0);
  }

  static TraceRefusal tooLarge() {
    return TraceRefusal.tooLarge("the body is larger than " + TraceLimits.MAX_BODY + " bytes");
  }

  /** What was read, in parts. */
  List<byte[]> copy() {
    return Collections.unmodifiableList(copy);
  }
}
