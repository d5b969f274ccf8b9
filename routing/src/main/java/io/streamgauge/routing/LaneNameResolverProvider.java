package io.streamgauge.routing;

import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import java.io.UnsupportedEncodingException;
import java.net.URI;
import java.net.URLDecoder;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The scheme {@code lane}: one target for each lane, each resolved by the name resolver of such a
 * target, such as {@code lane:///orders?baseline=dns:///orders:443&gray=dns:///orders-gray:443}. A
 * value without a scheme is a list of addresses, {@code 10.0.0.1:443,10.0.0.2:443}. The path is the
 * channel's authority. To be used with the policy {@code gray_prefer}; any other would mix the
 * lanes.
 */
public final class LaneNameResolverProvider extends NameResolverProvider {

  static final String SCHEME = "lane";

  /** For gRPC's registry. */
  public LaneNameResolverProvider() {}

  @Override
  protected boolean isAvailable() {
    return true;
  }

  /** Below DNS: who has the highest gives the scheme of every target that has none. */
  @Override
  protected int priority() {
    return 4;
  }

  @Override
  public String getScheme() {
    return SCHEME;
  }

  @Override
  public String getDefaultScheme() {
    return SCHEME;
  }

  /**
   * Resolves one of our targets.
   *
   * @return null for a target of another scheme
   * @throws IllegalArgumentException for one without lanes, or with a lane that no name resolver
   *     takes
   */
  @Override
  public NameResolver newNameResolver(URI target, NameResolver.Args args) {
    if (!SCHEME.equals(target.getScheme())) {
      return null;
    }
    String path = target.getPath() == null ? "" : target.getPath().replaceFirst("^/", "");
    if (path.isEmpty() || target.getRawQuery() == null) {
      throw new IllegalArgumentException(
          "not a target of lanes, as in lane:///orders?baseline=dns:///orders:443: " + target);
    }
    Map<String, NameResolver> children = new LinkedHashMap<>();
    for (String pair : target.getRawQuery().split("&")) {
      int equals = pair.indexOf('=');
      if (equals < 1 || children.containsKey(pair.substring(0, equals))) {
        throw new IllegalArgumentException("not a lane, or twice: " + pair + " in " + target);
      }
      children.put(pair.substring(0, equals), child(decoded(pair.substring(equals + 1)), args));
    }
    return new LaneNameResolver(path, children, args);
  }

  private static NameResolver child(String target, NameResolver.Args args) {
    if (LaneAddresses.isList(target)) {
      return new LaneAddresses(target);
    }
    NameResolver child =
        io.grpc.NameResolverRegistry.getDefaultRegistry()
            .asFactory()
            .newNameResolver(URI.create(target), args);
    if (child == null) {
      throw new IllegalArgumentException("no name resolver takes " + target);
    }
    return child;
  }

  private static String decoded(String value) {
    try {
      return URLDecoder.decode(value, "UTF-8");
    } catch (UnsupportedEncodingException e) {
      throw new IllegalStateException(e);
    }
  }
}
