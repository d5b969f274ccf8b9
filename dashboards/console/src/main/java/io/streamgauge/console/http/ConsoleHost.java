package io.streamgauge.console.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether a {@code Host} header names this machine's loopback interface. A page of a stranger can
 * make a browser send requests here through a name of its own (DNS rebinding), and the browser then
 * sends that name.
 *
 * <p>The form is that of RFC 9110, section 7.2, {@code uri-host [ ":" port ]}; what is allowed is
 * {@code localhost} in any case, {@code 127.0.0.0/8} in four decimal numbers, and an IPv6 literal
 * in brackets that is a loopback address. Any port is: a forwarded one differs from ours. A final
 * dot, user information and an empty port are not: no browser sends them for these names.
 */
final class ConsoleHost {

  private static final Pattern FORM =
      Pattern.compile("(\\[[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*]|[0-9A-Za-z.]{1,15})(?::([0-9]{1,5}))?");

  private static final Pattern LOOPBACK =
      Pattern.compile("127(?:\\.(?:0|[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5])){3}");

  private ConsoleHost() {}

  static boolean isLocal(String host) {
    if (host.length() > 64) {
      return false;
    }
    Matcher matcher = FORM.matcher(host);
    if (!matcher.matches()) {
      return false;
    }
    if (matcher.group(2) != null && Integer.parseInt(matcher.group(2)) > 65_535) {
      return false;
    }
    String name = matcher.group(1);
    return name.startsWith("[")
        ? isLoopback(name)
        : name.equalsIgnoreCase("localhost") || LOOPBACK.matcher(name).matches();
  }

  private static boolean isLoopback(String literal) {
    try {
      // With brackets and a colon it is read as a literal, and never looked up.
      return InetAddress.getByName(literal).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
