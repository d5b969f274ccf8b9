package io.streamgauge.ordersync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** What a user who types something wrong is told; each case is a process of its own. */
class OrderSyncMainTest {

  @TempDir Path directory;

  private record Outcome(int code, String output) {}

  private static Outcome run(Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                OrderSyncMain.class.getName()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeIf(key -> key.startsWith("STREAMGAUGE_"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Outcome(process.waitFor(), output);
  }

  @Test
  void anUnknownSubcommandOrFlagShowsTheUsage() throws Exception {
    Outcome subcommand = run(Map.of(), "sever");
    assertThat(subcommand.code()).isEqualTo(2);
    assertThat(subcommand.output()).contains("sever").contains("Usage: order-sync");

    Outcome flag = run(Map.of(), "server", "--database=x", "--prot=1");
    assertThat(flag.code()).isEqualTo(2);
    assertThat(flag.output()).contains("--prot=1").contains("Usage: order-sync server");
  }

  @Test
  void aDatabaseThatCannotBeUsedIsOneLineNamingIt() throws Exception {
    Path database = directory.resolve("no/such/orders.db");
    Outcome outcome = run(Map.of(), "server", "--port=0", "--database=" + database);

    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.output().strip().lines()).hasSize(1);
    assertThat(outcome.output()).contains(database.toString());
  }

  @Test
  void aWrongStreamgaugeVariableIsNamed() throws Exception {
    Outcome outcome =
        run(
            Map.of("STREAMGAUGE_ENABLED", "maybe"),
            "server",
            "--port=0",
            "--database=" + directory.resolve("orders.db"));

    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.output().strip().lines()).hasSize(1);
    assertThat(outcome.output()).contains("streamgauge.enabled");
  }

  @Test
  void valuesOutOfRangeAreOneLine() throws Exception {
    Outcome share = run(Map.of(), "fulfilment", "--port=0", "--fail-share=2");
    assertThat(share.code()).isEqualTo(2);
    assertThat(share.output().strip())
        .isEqualTo("fulfilment: --fail-share must be between 0 and 1, not 2.0");

    Outcome port =
        run(Map.of(), "server", "--port=70000", "--database=" + directory.resolve("orders.db"));
    assertThat(port.code()).isEqualTo(2);
    assertThat(port.output().strip())
        .isEqualTo("server: --port must be between 0 and 65535, not 70000");

    Outcome seconds = run(Map.of(), "demo", "--viewer-jar=x.jar", "--seconds=0");
    assertThat(seconds.code()).isEqualTo(2);
    assertThat(seconds.output().strip().lines()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "server --database=jdbc:mysql://x|jdbc:mysql://x",
        "server --exit-with-parent --port=0 --database=|--database",
        "server --exit-with-parent --port=0 --database=jdbc:sqlite:|--database",
        "server --exit-with-parent --port=0 --database=jdbc:sqlite:?cache=shared|--database",
        "server --exit-with-parent --port=0 --database=:memory:|--database",
        "server --exit-with-parent --port=0 --database=jdbc:sqlite::memory:|--database",
        "server --exit-with-parent --port=0 --database=jdbc:sqlite:file::memory:|--database",
        "server --exit-with-parent --port=0 --database=jdbc:sqlite:file:x?mode=memory|--database",
        "server --exit-with-parent --port=0 --database=x.db --limits=|--limits",
        "server --exit-with-parent --port=0 --database=x.db --token-file=|--token-file",
        "server --exit-with-parent --port=0 --database=x.db --token-file=.|--token-file",
        "client --exit-with-parent --journals=|--journals",
        "client --exit-with-parent --journals=j --token-file=|--token-file",
        "client --exit-with-parent --journals=j --token-file=.|--token-file",
        "check --database=x.db --journals=|--journals",
        "load --seconds=1 --json=|--json",
        "chaos --table=|--table",
        "demo --viewer-jar=|--viewer-jar",
        "server --database=x.db --limits=no-such-file|no-such-file",
        "server --database=x.db --token-file=no-such-file|no-such-file",
        "server --database=x.db --health-port=-1|--health-port",
        "server --database=x.db --die-at=lunch|--die-at",
        "client --journals=j --ping-millis=-1|--ping-millis",
        "client --journals=j --token-file=no-such-file|no-such-file",
        "client --journals=j --streams=0|--streams",
        "client --journals=j --rate=NaN|--rate",
        "client --journals=j --gray-share=1.1|--gray-share",
        "client --journals=j --clients=a/b|--clients",
        "load --rate=0|--rate",
        "load --streams=0|--streams",
        "load --seconds=-3|--seconds",
        "load --warm-up=-1|--warm-up",
        "load --burst=0.5|--burst",
        "load --slow-consumer=-1|--slow-consumer",
        "load --json=no/such/dir/x.json|no/such/dir",
        "chaos --plan=all|--plan",
        "chaos --share=0|--share",
        "chaos --only=earthquake|earthquake",
        "capacity --rounds=0|--rounds",
        "capacity --streams=0|--streams",
        "check --database=x.db --journals=no-such-dir|x.db"
      })
  void badInputIsOneLineThatNamesIt(String arguments, String named) throws Exception {
    Outcome outcome = run(Map.of(), arguments.split(" "));
    assertThat(outcome.code()).as(outcome.output()).isEqualTo(2);
    assertThat(outcome.output().strip().lines()).hasSize(1);
    assertThat(outcome.output()).contains(named);
  }

  @Test
  void limitsThatAreWrongAreNamedWithTheirKey() throws Exception {
    Path limits = Files.writeString(directory.resolve("limits"), "backlog.high=many\n");
    Outcome outcome =
        run(
            Map.of(),
            "server",
            "--database=" + directory.resolve("orders.db"),
            "--limits=" + limits);
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.output().strip().lines()).hasSize(1);
    assertThat(outcome.output()).contains("backlog.high").contains("many");
  }

  @Test
  void checkOfNothingSaysWhatIsMissing() throws Exception {
    Outcome outcome =
        run(Map.of(), "check", "--database=" + directory.resolve("x.db"), "--journals=.");
    assertThat(outcome.code()).isEqualTo(2);
    assertThat(outcome.output()).contains("x.db");
  }

  /**
   * Every option of every command that takes a value, with nothing and with blanks as its value.
   */
  @Test
  void noOptionTakesABlankValue() {
    int tried = 0;
    for (CommandLine command : OrderSyncMain.commandLine().getSubcommands().values()) {
      for (OptionSpec option : command.getCommandSpec().options()) {
        boolean isText = option.type() == String.class || option.type() == Path.class;
        for (String blank : new String[] {"", "  "}) {
          if (isText) {
            assertBlankIsRefused(command.getCommandSpec(), option, blank);
            tried++;
          }
        }
      }
    }
    assertThat(tried).isGreaterThan(40);
  }

  private static void assertBlankIsRefused(CommandSpec command, OptionSpec option, String blank) {
    List<String> arguments = new ArrayList<>(List.of(command.name()));
    command.options().stream()
        .filter(each -> each.required() && !each.equals(option))
        .forEach(each -> arguments.add(each.longestName() + "=x"));
    arguments.add(option.longestName() + "=" + blank);
    StringWriter error = new StringWriter();
    int code =
        OrderSyncMain.commandLine()
            .setErr(new PrintWriter(error))
            .execute(arguments.toArray(new String[0]));
    assertThat(code).as(arguments.toString()).isEqualTo(2);
    assertThat(error.toString().strip())
        .isEqualTo(command.name() + ": " + option.longestName() + " must not be blank");
  }
}
