package io.streamgauge.console.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConsoleHostTest {

  private static final List<String> LOCAL =
      List.of(
          "localhost",
          "LOCALHOST",
          "LocalHost",
          "127.0.0.1",
          "127.0.0.2",
          "127.255.255.254",
          "[::1]",
          "[0:0:0:0:0:0:0:1]",
          "[0000::0001]",
          "[::ffff:127.0.0.1]",
          "[::FFFF:7F00:1]");

  private static final List<String> FOREIGN =
      List.of(
          "evil.com",
          "localhost.evil.com",
          "evil-localhost",
          "localhos",
          "127.0.0.1.evil.com",
          "127.0.0.1.nip.io",
          "127.1",
          "2130706433",
          "0x7f000001",
          "0177.0.0.1",
          "127.0.0.01",
          "127.0.0.256",
          "127.0.0",
          "128.0.0.1",
          "0.0.0.0",
          "10.0.0.1",
          "[::]",
          "[::2]",
          "[fe80::1]",
          "[::1%lo]",
          "[127.0.0.1]",
          "[localhost]",
          "[abc]",
          "[]",
          "[",
          "]",
          "::1",
          "[::1",
          "::1]",
          "[[::1]]",
          "[:::1]",
          "[.:1]",
          "");

  private static final List<String> PORTS = List.of("", ":1", ":80", ":9470", ":65535");

  /** None of these makes a host local that is, and none makes it so. */
  private static final List<String> WRONG =
      List.of(
          ":",
          ":65536",
          ":99999999999",
          ":-1",
          ":+1",
          ":0x50",
          ":8o",
          "::80",
          ":80:80",
          ": 80",
          ".",
          ".evil.com",
          "evil.com",
          "@evil.com",
          ":80@evil.com",
          "/",
          "/evil.com",
          "?",
          "#",
          " ",
          "\t",
          ",evil.com",
          ", evil.com",
          "%00",
          "\0",
          "\\",
          "\u0130",
          "]",
          "[");

  private static final List<String> BEFORE =
      List.of("evil.com@", "user@", "user:pw@", "@", " ", "\t", "http://", "//", "evil.com,", "[");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[::1].evil.com",
        "[::1]evil.com",
        "[::1]:80.evil.com",
        "[::1]@evil.com",
        "[::1]:80@evil"
      })
  void aNameBehindALiteralIsForeign(String host) {
    assertThat(ConsoleHost.isLocal(host)).isFalse();
  }

  @Test
  void everyLocalNameWithEveryPortIsLocalAndWithAnythingElseIsForeign() {
    for (String name : LOCAL) {
      for (String port : PORTS) {
        assertThat(ConsoleHost.isLocal(name + port)).as(name + port).isTrue();
        for (String wrong : WRONG) {
          assertForeign(name + wrong);
          assertForeign(name + wrong + port);
          if (!port.isEmpty()) {
            assertForeign(name + port + wrong);
          }
        }
        for (String before : BEFORE) {
          assertForeign(before + name + port);
        }
      }
    }
  }

  @Test
  void everyForeignNameStaysForeign() {
    for (String name : FOREIGN) {
      for (String port : PORTS) {
        assertForeign(name + port);
        assertForeign((name + port).toUpperCase(Locale.ROOT));
      }
    }
  }

  /** Edits of local names; a few of them are local again, by a rule of its own. */
  @Test
  void generatedNamesAreLocalByTheRuleOnly() {
    Random random = new Random(20_261_127);
    String alphabet = "0127.:[]@localhstevi-%/ ";
    int local = 0;
    for (int i = 0; i < 200_000; i++) {
      StringBuilder host = new StringBuilder(pick(LOCAL, random) + pick(PORTS, random));
      for (int edits = random.nextInt(3); edits >= 0; edits--) {
        char any = alphabet.charAt(random.nextInt(alphabet.length()));
        int at = random.nextInt(host.length() + 1);
        switch (random.nextInt(3)) {
          case 0 -> host.insert(at, any);
          case 1 -> host.replace(at, Math.min(at + 1, host.length()), String.valueOf(any));
          default -> host.delete(at, Math.min(at + 1, host.length()));
        }
      }
      boolean expected = isLocalByParts(host.toString());
      assertThat(ConsoleHost.isLocal(host.toString())).as(host.toString()).isEqualTo(expected);
      local += expected ? 1 : 0;
    }
    // Both kinds were met.
    assertThat(local).isBetween(1_000, 199_000);
  }

  private static String pick(List<String> from, Random random) {
    return from.get(random.nextInt(from.size()));
  }

  private static void assertForeign(String host) {
    assertThat(ConsoleHost.isLocal(host)).as(host).isFalse();
  }

  /** The rule again, by hand and without patterns. */
  private static boolean isLocalByParts(String host) {
    int end = host.startsWith("[") ? host.indexOf(']') + 1 : end(host);
    String name = host.substring(0, Math.max(0, end));
    String rest = host.substring(name.length());
    if (!rest.isEmpty() && (!rest.startsWith(":") || !isNumber(rest.substring(1), 5, 65_535))) {
      return false;
    }
    if (name.startsWith("[")) {
      return isOneInSix(name.substring(1, name.length() - 1).toLowerCase(Locale.ROOT));
    }
    if (name.equalsIgnoreCase("localhost")) {
      return true;
    }
    String[] parts = name.split("\\.", -1);
    boolean local = parts.length == 4 && parts[0].equals("127");
    for (String part : parts) {
      local &= isNumber(part, 3, 255) && (part.length() == 1 || !part.startsWith("0"));
    }
    return local;
  }

  private static int end(String host) {
    int colon = host.indexOf(':');
    return colon < 0 ? host.length() : colon;
  }

  private static boolean isNumber(String text, int digits, int most) {
    return !text.isEmpty()
        && text.length() <= digits
        && text.chars().allMatch(c -> c >= '0' && c <= '9')
        && Integer.parseInt(text) <= most;
  }

  /** Of the generated ones; the address as eight groups is 0:0:0:0:0:0:0:1 or ::ffff:127.x.y.z. */
  private static boolean isOneInSix(String literal) {
    java.net.InetAddress address;
    try {
      if (!literal.contains(":") || !literal.matches("[0-9a-f:.]*")) {
        return false;
      }
      address = java.net.InetAddress.getByName("[" + literal + "]");
    } catch (java.net.UnknownHostException e) {
      return false;
    }
    byte[] bytes = address.getAddress();
    if (bytes.length == 4) {
      return bytes[0] == 127;
    }
    for (int i = 0; i < 15; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return bytes[15] == 1;
  }
}
