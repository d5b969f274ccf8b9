package io.streamgauge.console.trace;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.ArrayValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Reads what the messages of OTLP are made of: texts, ids and attributes, within {@link
 * TraceLimits} and paid for before they are made.
 */
final class TraceFields {

  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;

  private final CodedInputStream in;
  private final TraceBudget.Share share;
  private int cut;

  /** What texts of the span, or resource, may still take. */
  private int textLeft;

  /** Of the attribute read last. */
  private String key;

  private String value;

  TraceFields(CodedInputStream in, TraceBudget.Share share) {
    this.in = in;
    this.share = share;
  }

  /** Texts that were too long. */
  int cut() {
    return cut;
  }

  /** What is read from now on is another span's, or resource's. */
  void beginTexts() {
    textLeft = TraceLimits.MAX_SPAN_TEXT;
  }

  String key() {
    return key;
  }

  String value() {
    return value;
  }

  /** Into a message; returns where the one around it ends. */
  int enter() throws IOException {
    return in.pushLimit(in.readRawVarint32());
  }

  void leave(int outer) throws IOException {
    in.checkLastTagWas(0);
    in.popLimit(outer);
  }

  /** Leaves it in {@link #key()} and {@link #value()}. */
  void attribute(int number, String of) throws IOException {
    if (number > TraceLimits.MAX_ATTRIBUTES) {
      throw TraceRefusal.tooLarge(
          "more than " + TraceLimits.MAX_ATTRIBUTES + " attributes of " + of);
    }
    share.take(TraceWeight.TAG);
    key = "";
    value = "";
    int outer = enter();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case KeyValue.KEY_FIELD_NUMBER << 3 | BYTES:
          key = text();
          break;
        case KeyValue.VALUE_FIELD_NUMBER << 3 | BYTES:
          value = value(1);
          break;
        default:
          in.skipField(tag);
      }
    }
    leave(outer);
  }

  /** A value as text. It is one of several; the last that is there counts. */
  private String value(int depth) throws IOException {
    if (depth > TraceLimits.MAX_DEPTH) {
      throw TraceRefusal.tooLarge(
          "a value has more than " + TraceLimits.MAX_DEPTH + " levels of arrays");
    }
    String text = "";
    int outer = enter();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (tag) {
        case AnyValue.STRING_VALUE_FIELD_NUMBER << 3 | BYTES:
          text = text();
          break;
        case AnyValue.BOOL_VALUE_FIELD_NUMBER << 3 | VARINT:
          text = scalar(String.valueOf(in.readBool()));
          break;
        case AnyValue.INT_VALUE_FIELD_NUMBER << 3 | VARINT:
          text = scalar(String.valueOf(in.readInt64()));
          break;
        case AnyValue.DOUBLE_VALUE_FIELD_NUMBER << 3 | FIXED64:
          text = scalar(String.valueOf(in.readDouble()));
          break;
        case AnyValue.ARRAY_VALUE_FIELD_NUMBER << 3 | BYTES:
          text = array(depth);
          break;
        case AnyValue.BYTES_VALUE_FIELD_NUMBER << 3 | BYTES:
          text = hexText();
          break;
        case AnyValue.KVLIST_VALUE_FIELD_NUMBER << 3 | BYTES:
          text = "";
          in.skipField(tag);
          break;
        default:
          in.skipField(tag);
      }
    }
    leave(outer);
    return text;
  }

  private String array(int depth) throws IOException {
    StringBuilder items = new StringBuilder();
    boolean first = true;
    boolean whole = true;
    int outer = enter();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      boolean item = tag == (ArrayValue.VALUES_FIELD_NUMBER << 3 | BYTES);
      if (item && items.length() < TraceLimits.MAX_TEXT && textLeft > 0) {
        items.append(first ? "" : scalar(",")).append(value(depth + 1));
        first = false;
      } else {
        whole &= !item;
        in.skipField(tag);
      }
    }
    leave(outer);
    if (!whole) {
      cut++;
      items.append("… (cut)");
    }
    // Once more than its parts.
    share.take(2L * items.length());
    return items.toString();
  }

  private String scalar(String text) throws IOException {
    textLeft = Math.max(0, textLeft - text.length());
    share.take(2L * text.length());
    return text;
  }

  String text() throws IOException {
    int length = in.readRawVarint32();
    int kept = kept(length, 1);
    String text = new String(in.readRawBytes(kept), StandardCharsets.UTF_8);
    if (kept == length) {
      return text;
    }
    // The last character may have been cut in two.
    return cut(text.replaceAll("\uFFFD$", ""), length - kept, length);
  }

  private String hexText() throws IOException {
    int length = in.readRawVarint32();
    int kept = kept(length, 2);
    String text = hex(ByteString.copyFrom(in.readRawBytes(kept)));
    return kept == length ? text : cut(text, length - kept, length);
  }

  /** How many of the bytes are kept, if each becomes so many characters. */
  private int kept(int length, int charactersEach) throws IOException {
    int kept = Math.min(length, Math.min(TraceLimits.MAX_TEXT, textLeft) / charactersEach);
    if (kept > 0) {
      textLeft -= kept * charactersEach;
      share.take(2L * kept * charactersEach);
    }
    return kept;
  }

  private String cut(String text, int rest, int length) throws IOException {
    in.skipRawBytes(rest);
    cut++;
    return text + "… (cut, " + length + " bytes)";
  }

  /** Longer than any id: empty, and thereby none. */
  ByteString id() throws IOException {
    int length = in.readRawVarint32();
    if (length > 16) {
      in.skipRawBytes(length);
      return ByteString.EMPTY;
    }
    return ByteString.copyFrom(in.readRawBytes(length));
  }

  static String hex(ByteString bytes) {
    StringBuilder hex = new StringBuilder(bytes.size() * 2);
    for (int i = 0; i < bytes.size(); i++) {
      hex.append(Character.forDigit((bytes.byteAt(i) >> 4) & 0xf, 16));
      hex.append(Character.forDigit(bytes.byteAt(i) & 0xf, 16));
    }
    return hex.toString();
  }
}
