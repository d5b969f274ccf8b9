package io.streamgauge.console.live;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.MalformedJsonException;
import java.io.FilterReader;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads what another process answers as maps, lists, strings, numbers and booleans, within limits:
 * that process may be broken, or another than the one that was meant.
 */
public final class LiveDocument {

  /** A page is at most 200 rows of some 500 characters; ten times that is no page of ours. */
  static final int MAX_CHARS = 1024 * 1024;

  /** A row has some 35 values; three times that for 200 rows. */
  static final int MAX_VALUES = 20_000;

  /** The document, a list in it, its rows, a row's depths: 4. */
  static final int MAX_DEPTH = 16;

  /** What is counted, in messages, bytes or seconds, is below; sums of these stay numbers. */
  private static final double LARGEST_NUMBER = 1e18;

  private final JsonReader in;
  private int values;

  private LiveDocument(JsonReader in) {
    this.in = in;
  }

  /**
   * Reads one JSON object.
   *
   * @throws IOException if it is none, or is above a limit
   */
  static Map<?, ?> read(Reader reader) throws IOException {
    try {
      Object value = new LiveDocument(new JsonReader(limited(reader))).value(1);
      if (value instanceof Map) {
        return (Map<?, ?>) value;
      }
    } catch (MalformedJsonException | IllegalStateException | NumberFormatException e) {
      throw new IOException("does not answer with JSON", e);
    }
    throw new IOException("does not answer with a JSON object");
  }

  /** A reader that throws after {@value #MAX_CHARS} characters. */
  public static Reader limited(Reader reader) {
    return new FilterReader(reader) {

      private int read;

      @Override
      public int read(char[] buffer, int offset, int length) throws IOException {
        int n = super.read(buffer, offset, length);
        read += Math.max(0, n);
        if (read > MAX_CHARS) {
          throw new IOException("answers with more than " + MAX_CHARS + " characters");
        }
        return n;
      }
    };
  }

  private Object value(int depth) throws IOException {
    if (++values > MAX_VALUES) {
      throw new IOException("answers with more than " + MAX_VALUES + " values");
    }
    if (depth > MAX_DEPTH) {
      throw new IOException("answers with values in values, more than " + MAX_DEPTH + " deep");
    }
    switch (in.peek()) {
      case BEGIN_OBJECT:
        return object(depth);
      case BEGIN_ARRAY:
        return array(depth);
      case STRING:
        return in.nextString();
      case NUMBER:
        return number();
      case BOOLEAN:
        return in.nextBoolean();
      case NULL:
        in.nextNull();
        return null;
      default:
        throw new IOException("does not answer with JSON");
    }
  }

  private Map<String, Object> object(int depth) throws IOException {
    Map<String, Object> object = new LinkedHashMap<>();
    in.beginObject();
    while (in.hasNext()) {
      String name = in.nextName();
      object.put(name, value(depth + 1));
    }
    in.endObject();
    return object;
  }

  private List<Object> array(int depth) throws IOException {
    List<Object> array = new ArrayList<>();
    in.beginArray();
    while (in.hasNext()) {
      array.add(value(depth + 1));
    }
    in.endArray();
    return array;
  }

  private Double number() throws IOException {
    double number = in.nextDouble();
    if (Math.abs(number) > LARGEST_NUMBER) {
      throw new IOException("answers with a number that counts nothing");
    }
    return number;
  }
}
