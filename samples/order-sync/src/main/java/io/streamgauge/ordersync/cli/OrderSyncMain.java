package io.streamgauge.ordersync.cli;

import java.util.logging.LogManager;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** The executable: one jar, a subcommand per process. */
@Command(
    name = "order-sync",
    mixinStandardHelpOptions = true,
    description = "A bidirectional order status service, observed by Streamgauge.",
    subcommands = {
      ServerCommand.class,
      FulfilmentCommand.class,
      ClientCommand.class,
      CheckCommand.class,
      LoadCommand.class,
      ChaosCommand.class,
      CapacityCommand.class,
      DemoCommand.class
    })
public final class OrderSyncMain {

  private OrderSyncMain() {}

  public static void main(String[] args) {
    System.exit(execute(args));
  }

  static int execute(String... args) {
    System.setProperty(
        "java.util.logging.SimpleFormatter.format", "%1$tT.%1$tL %4$s %3$s: %5$s%6$s%n");
    LogManager.getLogManager().reset();
    java.util.logging.Logger.getLogger("").addHandler(new java.util.logging.ConsoleHandler());
    return commandLine().execute(args);
  }

  static CommandLine commandLine() {
    CommandLine line = new CommandLine(new OrderSyncMain());
    line.setExecutionStrategy(OrderSyncMain::runUnlessBlank);
    // A user's mistake is one line; what is not a user's mistake keeps its stack trace.
    line.setExecutionExceptionHandler(
        (exception, command, parsed) -> {
          if (exception instanceof CommandFailure) {
            command.getErr().println(command.getCommandName() + ": " + exception.getMessage());
            return CommandLine.ExitCode.USAGE;
          }
          throw exception;
        });
    line.setParameterExceptionHandler(
        (exception, arguments) -> {
          CommandLine command = exception.getCommandLine();
          command.getErr().println(command.getCommandName() + ": " + exception.getMessage());
          command.usage(command.getErr());
          return CommandLine.ExitCode.USAGE;
        });
    return line;
  }

  /**
   * Refuses an option whose value is blank, as of a variable of a shell that is not set. The JDK
   * takes a blank path for the current directory and SQLite for a database that is thrown away.
   */
  private static int runUnlessBlank(ParseResult parsed) {
    for (ParseResult each = parsed; each != null; each = each.subcommand()) {
      for (OptionSpec option : each.matchedOptions()) {
        if (option.originalStringValues().stream().anyMatch(String::isBlank)
            && option.arity().max() > 0) {
          CommandLine command = each.commandSpec().commandLine();
          command
              .getErr()
              .println(
                  command.getCommandName() + ": " + option.longestName() + " must not be blank");
          return CommandLine.ExitCode.USAGE;
        }
      }
    }
    return new CommandLine.RunLast().execute(parsed);
  }
}
