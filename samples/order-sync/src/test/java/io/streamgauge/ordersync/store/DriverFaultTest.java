package io.streamgauge.ordersync.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.streamgauge.ordersync.domain.OrderStore.StoreException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What PostgreSQL's driver does, with assertions enabled, where its server dies between two
 * statements of a batch, but each time: an AssertionError out of executeBatch.
 */
class DriverFaultTest {

  private static final String PREFIX = "jdbc:breaking:";

  @TempDir Path directory;

  private final AtomicInteger faults = new AtomicInteger();
  private final Driver driver = new BreakingDriver();

  @BeforeEach
  void register() throws SQLException {
    DriverManager.registerDriver(driver);
  }

  @AfterEach
  void deregister() throws SQLException {
    DriverManager.deregisterDriver(driver);
  }

  @Test
  void anAssertionOfTheDriversIsAStoreThatFailsAndTheNextTryOpensItAnew() throws Exception {
    try (JdbcOrderStore store = JdbcOrderStore.open(PREFIX + directory.resolve("orders.db"))) {
      faults.set(1);
      assertThatThrownBy(() -> store.probe(1))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("should not throw");
      store.probe(1);
      faults.set(1);
      assertThatThrownBy(() -> store.apply(List.of(), List.of()))
          .isInstanceOf(StoreException.class);
      assertThat(store.apply(List.of(), List.of())).isEmpty();
    }
  }

  /** SQLite's, with that many faults in its batches. */
  private final class BreakingDriver implements Driver {

    @Override
    public Connection connect(String url, Properties properties) throws SQLException {
      return acceptsURL(url)
          ? watched(
              Connection.class,
              DriverManager.getConnection(url.replace(PREFIX, "jdbc:sqlite:"), properties))
          : null;
    }

    private <T> T watched(Class<T> type, T real) {
      return type.cast(
          Proxy.newProxyInstance(
              type.getClassLoader(),
              new Class<?>[] {type},
              (proxy, method, arguments) -> {
                if (method.getName().equals("executeBatch")
                    && faults.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                  throw new AssertionError("getAutoCommit() should not throw");
                }
                try {
                  Object result = method.invoke(real, arguments);
                  return result instanceof PreparedStatement statement
                      ? watched(PreparedStatement.class, statement)
                      : result;
                } catch (InvocationTargetException e) {
                  throw e.getCause();
                }
              }));
    }

    @Override
    public boolean acceptsURL(String url) {
      return url.startsWith(PREFIX);
    }

    @Override
    public DriverPropertyInfo[] getPropertyInfo(String url, Properties properties) {
      return new DriverPropertyInfo[0];
    }

    @Override
    public int getMajorVersion() {
      return 1;
    }

    @Override
    public int getMinorVersion() {
      return 0;
    }

    @Override
    public boolean jdbcCompliant() {
      return false;
    }

    @Override
    public Logger getParentLogger() {
      return Logger.getGlobal();
    }
  }
}
