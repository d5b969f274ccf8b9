package io.streamgauge.internal.tagging;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.codec.digest.MurmurHash3;

/**
 * Shares of all keys in basis points: {@code group-a:0-499,group-b:5000-5499} gives five per cent
 * each. Leave room between groups: one that grows into free room keeps all the keys that were in
 * it.
 */
public final class TagGroups {

  static final TagGroups NONE = new TagGroups(Collections.emptyList());

  /** Basis points in the whole. */
  static final int WHOLE = 10_000;

  private static final Pattern GROUP = Pattern.compile("([^:]+):(\\d{1,4})-(\\d{1,4})");

  private final List<Group> groups;

  private TagGroups(List<Group> groups) {
    this.groups = groups;
  }

  private static final class Group {
    final String name;
    final int first;
    final int last;

    Group(String name, int first, int last) {
      this.name = name;
      this.first = first;
      this.last = last;
    }
  }

  /**
   * Reads the text form.
   *
   * @throws IllegalArgumentException saying what is wrong with it
   */
  public static TagGroups parse(String text) {
    List<Group> groups = new ArrayList<>();
    for (String item : text.split(",", -1)) {
      if (item.trim().isEmpty()) {
        continue;
      }
      Matcher matcher = GROUP.matcher(item.trim());
      if (!matcher.matches() || TagSyntax.problem(matcher.group(1)) != null) {
        throw new IllegalArgumentException(
            "'" + item.trim() + "' is no group; expected tag:first-last, 0 to 9999");
      }
      Group made =
          new Group(
              matcher.group(1),
              Integer.parseInt(matcher.group(2)),
              Integer.parseInt(matcher.group(3)));
      if (made.first > made.last) {
        throw new IllegalArgumentException("'" + item.trim() + "' ends before it begins");
      }
      for (Group other : groups) {
        if (made.first <= other.last && other.first <= made.last) {
          throw new IllegalArgumentException(made.name + " and " + other.name + " overlap");
        }
      }
      groups.add(made);
    }
    return groups.isEmpty() ? NONE : new TagGroups(groups);
  }

  boolean isEmpty() {
    return groups.isEmpty();
  }

  Set<String> names() {
    Set<String> names = new LinkedHashSet<>();
    groups.forEach(group -> names.add(group.name));
    return names;
  }

  /** The group a key falls into, or null. */
  String of(String salt, String key) {
    int bucket = bucket(salt, key);
    for (Group group : groups) {
      if (bucket >= group.first && bucket <= group.last) {
        return group.name;
      }
    }
    return null;
  }

  /**
   * Where a key falls, 0 to 9999: murmur3 (x86, 32 bits, seed 0) of {@code salt:key} in UTF-8,
   * unsigned, modulo 10,000. Gateways in other languages agree on it.
   */
  static int bucket(String salt, String key) {
    byte[] bytes = (salt + ":" + key).getBytes(StandardCharsets.UTF_8);
    return Integer.remainderUnsigned(MurmurHash3.hash32x86(bytes, 0, bytes.length, 0), WHOLE);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (Group group : groups) {
      text.append(text.length() == 0 ? "" : ",")
          .append(group.name)
          .append(':')
          .append(group.first)
          .append('-')
          .append(group.last);
    }
    return text.toString();
  }
}
