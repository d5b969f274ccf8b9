package io.streamgauge.ordersync.browser;

import static io.streamgauge.testkit.fixture.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.streamgauge.ordersync.demo.FreeBase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page an on-call engineer keeps open, in a real browser, with the real demo behind it. */
@Tag("e2e")
class LivePageIT {

  private static final String FIRST = "document.querySelector('#streams tbody tr').";

  @TempDir Path directory;

  private final List<String> output = new CopyOnWriteArrayList<>();

  private Process demo(int base) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-jar",
                System.getProperty("order-sync.jar"),
                "demo",
                "--viewer-jar=" + System.getProperty("viewer.jar"),
                "--port-base=" + base,
                "--streams=8",
                "--rate=800",
                "--seconds=40")
            .redirectErrorStream(true);
    builder.environment().keySet().removeIf(key -> key.startsWith("STREAMGAUGE_"));
    // A dozen short-lived JVMs on two processors: they have no use for the second compiler.
    builder.environment().put("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1");
    Process process = builder.start();
    Thread reader =
        new Thread(
            () -> {
              try (var lines = process.inputReader(StandardCharsets.UTF_8)) {
                lines.lines().forEach(output::add);
              } catch (IOException e) {
                output.add(e.toString());
              }
            });
    reader.setDaemon(true);
    reader.start();
    return process;
  }

  /** Pictures go to docs when asked, else to the build directory. */
  private Path picture(String name) {
    String to = System.getProperty("pictures");
    return (to == null || to.isEmpty() ? directory : Path.of(to)).resolve(name);
  }

  @Test
  void aConsumerThatStopsReadingIsTheFirstRowAndLeavesItAgain() throws Exception {
    int base = FreeBase.next();
    Process demo = demo(base);
    try (Browser browser = Browser.open(1280, 1000)) {
      await().until(() -> output.stream().anyMatch(line -> line.contains("everything is healthy")));
      browser.dark(false);
      browser.go("http://127.0.0.1:" + base + "/");
      await()
          .until(
              () -> browser.eval("document.querySelectorAll('#streams tbody tr').length > 8"),
              "true"::equals);
      assertThat(browser.eval("document.querySelectorAll('#tiles .tile').length")).isEqualTo("8");
      // Its consumer stops 5 s after the start, and the threshold of the demo is 5 s.
      await().until(() -> browser.eval(FIRST + "className").equals("stalled"));
      browser.picture(picture("console-live.png"));
      String row = browser.eval(FIRST + "innerText").replaceAll("\\s+", " ");
      assertThat(row).contains("OrderSync/SyncOrderStatus", "client", "▲ no demand");
      assertThat(browser.eval("document.title")).contains("1 stalled");
      assertThat(browser.eval("document.getElementById('alarm').textContent"))
          .contains("SyncOrderStatus, no demand");
      String link = browser.eval(FIRST + "querySelector('a').href");
      assertThat(link).matches("http://127.0.0.1:" + base + "/zipkin/traces/[0-9a-f]{32}");

      seeTheRoad(browser);
      seeOnlyWhatIsLookedFor(browser);
      await()
          .until(
              () -> browser.eval("document.querySelectorAll('#streams tr.stalled').length"),
              "0"::equals);
      assertThat(browser.errors()).isEmpty();

      seeTheTrace(browser, link);
    } finally {
      demo.destroy();
      if (!demo.waitFor(60, TimeUnit.SECONDS)) {
        demo.destroyForcibly().waitFor();
      }
    }
  }

  private void seeTheRoad(Browser browser) throws Exception {
    browser.eval(FIRST + "focus()");
    browser.eval(
        "document.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true}))");
    await().until(() -> browser.eval("document.querySelectorAll('.stages li').length").equals("8"));
    assertThat(browser.eval("document.querySelector('.stages li.stuck b').textContent"))
        .isEqualTo("deframer");
    browser.eval("document.getElementById('detail').scrollIntoView({block: 'center'})");
    browser.picture(picture("console-stuck.png"));
    browser.eval(
        "document.dispatchEvent(new KeyboardEvent('keydown', {key: 'Escape', bubbles: true}))");
    assertThat(browser.eval("document.getElementById('detail').hidden")).isEqualTo("true");
  }

  private void seeOnlyWhatIsLookedFor(Browser browser) throws Exception {
    // Dark, and filtered by what it is looked for.
    browser.dark(true);
    browser.eval(
        "(document.getElementById('cause').value = 'no_demand',"
            + " document.getElementById('cause').dispatchEvent(new Event('input')))");
    assertThat(browser.eval("document.querySelectorAll('#streams tbody tr').length"))
        .isEqualTo("1");
    browser.picture(picture("console-dark.png"));
  }

  private void seeTheTrace(Browser browser, String link) throws Exception {
    browser.dark(false);
    browser.go(link);
    await()
        .until(
            () -> browser.eval("document.body.innerText.toLowerCase().includes('checkpoint')"),
            "true"::equals);
    browser.picture(picture("console-trace.png"));
  }
}
