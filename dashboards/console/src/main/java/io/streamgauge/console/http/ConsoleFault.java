package io.streamgauge.console.http;

/** Which faults of one request, or one look, are survived. */
public final class ConsoleFault {

  private ConsoleFault() {}

  /**
   * Passes on what a thread must not survive: an {@link InternalError} and a {@link ThreadDeath}.
   * An {@link OutOfMemoryError} or {@link StackOverflowError} is that of one request, whose memory
   * and frames are gone by now.
   */
  public static void passIfFatal(Throwable fault) {
    if (isFatal(fault)) {
      throw (Error) fault;
    }
  }

  @SuppressWarnings({"deprecation", "removal"}) // ThreadDeath: still thrown on the JVMs we run in
  static boolean isFatal(Throwable fault) {
    return fault instanceof InternalError || fault instanceof ThreadDeath;
  }
}
