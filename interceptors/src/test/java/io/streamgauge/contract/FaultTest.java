package io.streamgauge.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.testkit.contract.FaultContract;
import io.streamgauge.testkit.fixture.TestTransport;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.parallel.Isolated;

/** Faults in the library attached in code. */
@Isolated("every method of the library throws for a while")
class FaultTest extends FaultContract {

  private static final Logger logger = Logger.getLogger("io.streamgauge");

  /** What was logged: the hook, the fault, and the line that threw. */
  private static final List<String> logged = new CopyOnWriteArrayList<>();

  private static final Handler lines =
      new Handler() {
        @Override
        public void publish(LogRecord line) {
          Throwable thrown = line.getThrown();
          logged.add(line.getMessage() + (thrown == null ? "" : thrown.getStackTrace()[1]));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  FaultTest() {
    super(LibrarySubject::new, List.of(TestTransport.NETTY_SHADED, TestTransport.IN_PROCESS));
  }

  @BeforeAll
  static void listen() {
    logger.setUseParentHandlers(false); // each swallowed fault is logged once; here that is many
    logger.addHandler(lines);
  }

  @AfterAll
  static void stopListening() {
    logger.setUseParentHandlers(true);
    logger.removeHandler(lines);
  }

  /** What a test that failed has left. */
  @BeforeEach
  void forget() {
    logged.clear();
  }

  @Override
  protected boolean isOurs(Class<?> loaded) {
    // Other tests of this JVM load the library a second time, without some of its libraries.
    return loaded.getName().startsWith("io.streamgauge.")
        && loaded.getClassLoader() == FaultTest.class.getClassLoader();
  }

  /** Each call is told where the agent is beside the library, in the agent's suite. */
  @Override
  protected boolean pullsHistograms() {
    return true;
  }

  @Override
  protected void assertLoggedOnce() {
    assertThat(logged).isNotEmpty().doesNotHaveDuplicates();
    logged.clear();
  }
}
