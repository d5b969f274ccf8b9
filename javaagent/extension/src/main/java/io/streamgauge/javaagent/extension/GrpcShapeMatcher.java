package io.streamgauge.javaagent.extension;

import java.net.URL;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.matcher.ElementMatcher;
import net.bytebuddy.pool.TypePool;

/**
 * Whether the grpc of a class loader has the shape a module was written for. Where it has not, that
 * is said once, in one line: silence is the worst an agent can do.
 */
final class GrpcShapeMatcher extends ElementMatcher.Junction.AbstractBase<ClassLoader> {

  private static final Logger logger = Logger.getLogger("io.streamgauge");

  /** Parent and child see the same grpc; one line is enough. */
  private static final Set<String> SAID = ConcurrentHashMap.newKeySet();

  /**
   * What is on where, for the hooks' line at the first binding. They are in another class loader;
   * types of the JDK are all the two have in common.
   */
  private static final String BOUND = "io.streamgauge.javaagent.bound";

  private final String name;
  private final String what;
  private final String marker;
  private final List<GrpcShape> shapes;

  /** Asked for every class that is loaded; a class file is read once a loader. */
  private final Map<ClassLoader, Boolean> known = Collections.synchronizedMap(new WeakHashMap<>());

  GrpcShapeMatcher(String name, String what, String marker, List<GrpcShape> shapes) {
    this.name = name;
    this.what = what;
    this.marker = marker;
    this.shapes = shapes;
  }

  @Override
  public boolean matches(ClassLoader loader) {
    Boolean answer = known.get(loader);
    if (answer == null) {
      answer = look(loader);
      known.put(loader, answer);
    }
    return answer;
  }

  private boolean look(ClassLoader loader) {
    TypePool pool = TypePool.Default.of(ClassFileLocator.ForClassLoader.of(loader));
    for (GrpcShape shape : shapes) {
      String mismatch = shape.mismatch(pool);
      if (mismatch != null) {
        String line = what + " off, the rest works: " + mismatch + " in " + source(loader);
        if (SAID.add(line)) {
          logger.log(Level.WARNING, "Streamgauge: {0}", line);
        }
        return false;
      }
    }
    synchronized (SAID) {
      String entry = name + "@" + System.identityHashCode(loader) + " ";
      System.setProperty(BOUND, System.getProperty(BOUND, "") + entry);
    }
    return true;
  }

  /** The jar grpc came from, which tells its version. */
  private String source(ClassLoader loader) {
    URL found = loader.getResource(marker.replace('.', '/') + ".class");
    String path = found == null ? "" : found.getPath();
    int inside = path.indexOf("!/");
    String jar = inside < 0 ? path : path.substring(0, inside);
    return jar.substring(jar.lastIndexOf('/') + 1);
  }
}
