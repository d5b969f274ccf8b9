package io.streamgauge.contract;

import io.streamgauge.testkit.contract.MessageContract;
import io.streamgauge.testkit.contract.StallContract;
import io.streamgauge.testkit.fixture.TestTransport;
import org.junit.jupiter.api.Nested;

/** The library answers to the contract of stalls and of single messages. */
class LibraryStallContractTest {

  @Nested
  class MessageOverNettyShaded extends MessageContract {
    MessageOverNettyShaded() {
      super(LibrarySubject::new, TestTransport.NETTY_SHADED);
    }
  }

  @Nested
  class StallOverNettyShaded extends StallContract {
    StallOverNettyShaded() {
      super(LibrarySubject::new, TestTransport.NETTY_SHADED);
    }
  }
}
