package io.streamgauge.internal.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GuardTest {

  private final Guard guard = new Guard();
  private final List<LogRecord> logged = new ArrayList<>();
  private final Thread thread = Thread.currentThread();
  private final Logger logger = Logger.getLogger("io.streamgauge");
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord entry) {
          // Tests on other threads swallow faults too.
          if (Thread.currentThread() == thread) {
            logged.add(entry);
          }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void listen() {
    logger.addHandler(handler);
    logger.setUseParentHandlers(false);
  }

  @AfterEach
  void stopListening() {
    logger.removeHandler(handler);
    logger.setUseParentHandlers(true);
  }

  @Test
  void aRepeatedFaultIsCountedEachTimeAndLoggedOnce() {
    for (int i = 0; i < 1_000; i++) {
      guard.swallow("here", fault());
    }

    assertThat(guard.faults("here")).isEqualTo(1_000);
    assertThat(logged).hasSize(1);
  }

  @Test
  void distinctFaultsAreLoggedEachAndBounded() {
    for (int i = 0; i < 10 * FaultTally.MAX_DISTINCT; i++) {
      RuntimeException fault = new RuntimeException();
      fault.setStackTrace(
          new StackTraceElement[] {new StackTraceElement("C" + i, "m", "C.java", i)});
      guard.swallow("here", fault);
    }

    assertThat(logged).hasSize(FaultTally.MAX_DISTINCT);
    assertThat(guard.faults("here")).isEqualTo(10L * FaultTally.MAX_DISTINCT);
  }

  @Test
  void stackOverflowAndLinkageErrorsAreSwallowed() {
    guard.swallow("here", new StackOverflowError());
    guard.swallow("here", new NoSuchMethodError());

    assertThat(guard.faults()).containsEntry("here", 2L);
  }

  @Test
  @SuppressWarnings({"removal", "deprecation"})
  void whatNothingMaySurviveIsPassedOn() {
    assertThatThrownBy(() -> guard.swallow("here", new OutOfMemoryError()))
        .isInstanceOf(OutOfMemoryError.class);
    assertThatThrownBy(() -> guard.swallow("here", new InternalError()))
        .isInstanceOf(InternalError.class);
    assertThatThrownBy(() -> guard.swallow("here", new ThreadDeath()))
        .isInstanceOf(ThreadDeath.class);
  }

  private static RuntimeException fault() {
    return new IllegalStateException("broken");
  }
}
