package io.lumeo.cli;

import io.lumeo.rest.Records;
import io.lumeo.storage.StorageFailure;
import io.lumeo.thin.DiscardMode;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/// The command `lumeo`: its commands, and how failures are told.
@Command(
    name = "lumeo",
    description = "Thin, snapshotting volumes in the Linux kernel's format.",
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Sizes: 10G or 10GiB, 512MiB, 1.5T, 64K, plain bytes, 4096s for sectors; units are powers of"
          + " 1024.",
      "Start with 'lumeo up'; then 'lumeo volume list'."
    })
public final class Lumeo {
  private static final int USAGE_WIDTH = 100;
  private static final String COMPLETION = "completion";

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Print the version.")
  boolean version;

  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Show where in the program a failure came from.")
  boolean debug;

  private final Console console;

  private Lumeo(Console console) {
    this.console = console;
  }

  /// The command line for these arguments.
  ///
  /// @param connector finds the pool
  /// @param console where to print and whom to ask
  /// @param more commands that others bring along, such as `up`
  public static CommandLine commandLine(
      Connector connector, Console console, List<Entry> more, String... arguments) {
    var lumeo = new Lumeo(console);
    var line = new CommandLine(lumeo);
    var called = called(arguments);
    for (var entry : Stream.concat(own(connector, console), more.stream()).toList()) {
      boolean made = called.equals(entry.parent()) || called.equals(COMPLETION);
      var command = new CommandLine(made ? entry.command().get() : CommandSpec.create());
      command.getCommandSpec().usageMessage().description(entry.description());
      parent(line, entry).addSubcommand(entry.ownName(), command);
    }
    line.setOut(console.out())
        .setErr(console.err())
        .registerConverter(DiscardMode.class, Lumeo::discardMode)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpWidth(USAGE_WIDTH)
        .setParameterExceptionHandler(lumeo.misused())
        .setExecutionExceptionHandler(lumeo.failed());
    finish(line);
    return line;
  }

  private static CommandLine parent(CommandLine line, Entry entry) {
    return entry.parent().equals(entry.name())
        ? line
        : Objects.requireNonNull(line.getSubcommands().get(entry.parent()), entry.name());
  }

  private static String called(String... arguments) {
    return Arrays.stream(arguments).filter(word -> !word.startsWith("-")).findFirst().orElse("");
  }

  private static Stream<Entry> own(Connector connector, Console console) {
    var session = new Session(connector, console);
    return Stream.of(
        new Entry("pool", "Make, watch, grow and check a pool.", () -> new PoolCommands(session)),
        new Entry(
            "volume", "Make, mount, resize and delete volumes.", () -> new VolumeCommands(session)),
        new Entry(
            "snapshot",
            "Take, roll back to and delete snapshots.",
            () -> new SnapshotCommands(session)),
        new Entry(
            "clone",
            "Makes a writable volume that begins as what a snapshot or volume holds now.",
            () -> new CloneCommand(session)),
        new Entry(
            COMPLETION,
            "Prints a script that completes commands and options in bash and zsh.",
            () -> new CompletionCommand(console)));
  }

  private static DiscardMode discardMode(String word) {
    for (var mode : DiscardMode.values()) {
      if (Records.word(mode).equals(word)) {
        return mode;
      }
    }
    throw new TypeConversionException(
        "'%s' is not one of passdown, no-passdown, ignore".formatted(word));
  }

  /// Help on every level; the exit codes on the first.
  private static void finish(CommandLine line) {
    var spec = line.getCommandSpec();
    // Not picocli's mixin of both: it counts on being first and would shift the arguments of our
    // command methods.
    spec.addOption(
        OptionSpec.builder("-h", "--help").usageHelp(true).description("Show this help.").build());
    spec.usageMessage().exitCodeListHeading("%nExit codes:%n").exitCodeList(exitCodes());
    spec.usageMessage().optionListHeading("%nOptions:%n");
    spec.usageMessage().parameterListHeading("%n");
    spec.usageMessage().commandListHeading("%nCommands:%n");
    spec.usageMessage().sortOptions(false);
    spec.usageMessage().abbreviateSynopsis(true);
    if (line.getParent() != null) {
      line.setHelpSectionKeys(
          line.getHelpSectionKeys().stream()
              .filter(key -> !key.startsWith(UsageMessageSpec.SECTION_KEY_EXIT_CODE_LIST))
              .toList());
    }
    line.getSubcommands().values().forEach(Lumeo::finish);
  }

  private static Map<String, String> exitCodes() {
    var codes = new LinkedHashMap<String, String>();
    for (var code : ExitCode.values()) {
      codes.put(Integer.toString(code.code()), code.meaning());
    }
    return codes;
  }

  private IParameterExceptionHandler misused() {
    return (ParameterException e, String[] arguments) -> {
      var command = e.getCommandLine().getCommandSpec().qualifiedName(" ");
      tell(misuse(e, arguments) + "; see '" + command + " --help'");
      if (debug) {
        e.printStackTrace(console.err());
      }
      return ExitCode.USAGE.code();
    };
  }

  private static String misuse(ParameterException failure, String... arguments) {
    var negative = Arrays.stream(arguments).filter(word -> word.matches("-\\d.*")).findFirst();
    if (negative.isPresent() && isAboutWords(failure)) {
      return "'%s' is taken for an option; if it is none, end the command with '-- %s'"
          .formatted(negative.get(), negative.get());
    }
    if (failure instanceof UnmatchedArgumentException unmatched
        && !unmatched.isUnknownOption()
        && !unmatched.getCommandLine().getSubcommands().isEmpty()) {
      var similar = unmatched.getSuggestions().stream().findFirst();
      return "there is no command '%s'%s"
          .formatted(
              unmatched.getUnmatched().getFirst(),
              similar.map(" (did you mean '%s'?)"::formatted).orElse(""));
    }
    return oneLine(failure);
  }

  private static boolean isAboutWords(ParameterException failure) {
    return failure instanceof MissingParameterException
        || failure instanceof UnmatchedArgumentException;
  }

  private IExecutionExceptionHandler failed() {
    return (Exception e, CommandLine _, ParseResult _) -> {
      if (e instanceof Declined declined) {
        tell(String.valueOf(declined.getMessage()));
        return ExitCode.UNEXPECTED.code();
      }
      tell(explain(e));
      if (debug) {
        e.printStackTrace(console.err());
      }
      return ExitCode.of(e).code();
    };
  }

  private void tell(String message) {
    console.out().flush();
    console.err().println("lumeo: " + Printer.plain(message));
    console.err().flush();
  }

  /// The JDK's file failures are a bare path; say what happened to it.
  private String explain(Exception failure) {
    return switch (failure) {
      case NoSuchFileException e -> "there is no " + e.getFile();
      case AccessDeniedException e ->
          "no permission for " + e.getFile() + "; run as its owner or as root";
      case FileAlreadyExistsException e -> e.getFile() + " exists already; name another";
      case FileSystemException e when ExitCode.isNotAFolder(e) ->
          Path.of(e.getFile()).getParent() + " is not a folder; name that of a pool";
      case FileSystemException e when e.getReason() != null -> oneLine(e);
      case InterruptedIOException _ -> "interrupted; nothing is lost, start it again to go on";
      case IOException e -> oneLine(e);
      case StorageFailure e -> oneLine(e);
      default ->
          "unexpected failure: "
              + failure.getClass().getSimpleName()
              + ": "
              + oneLine(failure)
              + (debug ? "" : "; --debug shows more");
    };
  }

  private static String oneLine(Exception failure) {
    var message = failure.getMessage();
    if (message == null || message.isBlank()) {
      return failure.getClass().getSimpleName();
    }
    return String.join(" ", Arrays.asList(message.strip().split("\\s*\\R\\s*")));
  }
}
