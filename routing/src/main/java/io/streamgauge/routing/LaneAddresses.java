package io.streamgauge.routing;

import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Addresses that were written down: numbers, not names, for those are DNS's. */
final class LaneAddresses extends NameResolver {

  private static final Pattern ADDRESS = Pattern.compile("(\\d{1,3}(?:\\.\\d{1,3}){3}):(\\d{1,5})");

  private final List<EquivalentAddressGroup> addresses = new ArrayList<>();

  LaneAddresses(String list) {
    for (String each : list.split(",")) {
      java.util.regex.Matcher parts = ADDRESS.matcher(each);
      if (!parts.matches()) {
        throw new IllegalArgumentException("not an address such as 10.0.0.1:443: " + each);
      }
      try {
        addresses.add(
            new EquivalentAddressGroup(
                new InetSocketAddress(
                    InetAddress.getByName(parts.group(1)), Integer.parseInt(parts.group(2)))));
      } catch (UnknownHostException e) {
        throw new IllegalArgumentException("not an address such as 10.0.0.1:443: " + each, e);
      }
    }
  }

  /** Whether a target is such a list, and no URI. */
  static boolean isList(String target) {
    return target.indexOf('/') < 0 && ADDRESS.matcher(target.split(",", 2)[0]).matches();
  }

  @Override
  public String getServiceAuthority() {
    return "lane";
  }

  @Override
  public void start(Listener2 listener) {
    listener.onResult(ResolutionResult.newBuilder().setAddresses(addresses).build());
  }

  @Override
  public void shutdown() {}
}
