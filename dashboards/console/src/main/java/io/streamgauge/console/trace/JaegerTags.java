package io.streamgauge.console.trace;

import com.google.gson.Gson;
import com.google.gson.JsonSyntaxException;
import java.util.Map;

/** Tags as Jaeger's search form sends them, {@code {"key":"value"}}, as zipkin asks for them. */
final class JaegerTags {

  private JaegerTags() {}

  static String annotationQuery(String json) {
    try {
      Map<?, ?> tags = new Gson().fromJson(json, Map.class);
      StringBuilder query = new StringBuilder();
      for (Map.Entry<?, ?> tag : tags.entrySet()) {
        query.append(query.length() == 0 ? "" : " and ");
        query.append(tag.getKey());
        // The store's error has the description for a value.
        if (!tag.getKey().equals("error") || !"true".equals(String.valueOf(tag.getValue()))) {
          query.append('=').append(tag.getValue());
        }
      }
      return query.toString();
    } catch (JsonSyntaxException | NullPointerException e) {
      throw new IllegalArgumentException("tags is no JSON object of strings", e);
    }
  }
}
