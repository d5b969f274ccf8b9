package io.streamgauge.internal.grpc;

import io.grpc.CallOptions;
import io.grpc.Context;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * The other copy of this library in the process: the agent has one of its own, under another name,
 * beside the application's. A call that both are attached to is counted by the one that sees it
 * first.
 */
final class OtherCopy {

  // Put together at run time: the agent's build renames what looks like our package in a constant.
  private static final String AGENT = String.join(".", "io", "streamgauge", "javaagent", "lib", "");
  private static final String LIBRARY = String.join(".", "io", "streamgauge", "");

  private static final String PACKAGE =
      OtherCopy.class.getName().startsWith(AGENT) ? LIBRARY : AGENT;

  private static final String FACTORY = PACKAGE + "internal.grpc.ClientTracer$Factory";

  /** Looked for at the first call: by then an agent has put its copy where gRPC's classes are. */
  private static final class Streams {
    static final MethodHandle SERVES = find("serves", Context.class);
    static final MethodHandle MARKS = find("marks", CallOptions.class);

    /** Null where there is no other copy, or one of another version that does not say. */
    private static MethodHandle find(String method, Class<?> parameter) {
      try {
        Class<?> streams =
            Class.forName(PACKAGE + "spi.WatchedStreams", true, OtherCopy.class.getClassLoader());
        return MethodHandles.publicLookup()
            .unreflect(streams.getMethod(method, parameter))
            .asType(MethodType.methodType(boolean.class, parameter));
      } catch (ReflectiveOperationException | LinkageError | RuntimeException e) {
        return null;
      }
    }
  }

  private OtherCopy() {}

  /** Whether a tracer factory in a call's options is the other copy's. */
  static boolean isOthers(Object tracerFactory) {
    return tracerFactory.getClass().getName().equals(FACTORY);
  }

  /** Whether the other copy watches the server stream of that context. */
  static boolean serves(Context context) throws Throwable {
    return Streams.SERVES != null && (boolean) Streams.SERVES.invokeExact(context);
  }

  /** Whether there is another copy that may meet the same calls. */
  static boolean isThere() {
    return Streams.MARKS != null;
  }

  /** Whether the other copy watches calls with these options without a tracer. */
  static boolean marks(CallOptions options) throws Throwable {
    return Streams.MARKS != null && (boolean) Streams.MARKS.invokeExact(options);
  }
}
