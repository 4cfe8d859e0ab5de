package io.lumeo.cli;

import io.lumeo.block.StorageException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Where a command prints, and whom it can ask.
///
/// @param terminal whether a person sits there; asked only when it matters, for it takes time to
///   find out
/// @param command how the user called the program, for commands that can be copied
public record Console(
    BufferedReader in, PrintWriter out, PrintWriter err, BooleanSupplier terminal, String command) {

  /// The console of the process.
  public static Console system() {
    return new Console(
        new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset())),
        new PrintWriter(System.out, false, System.out.charset()),
        new PrintWriter(System.err, true, System.err.charset()),
        Console::isTerminal,
        System.getProperty("lumeo.command", "lumeo"));
  }

  @SuppressWarnings("SystemConsoleNull") // NullAway still holds it for nullable.
  private static boolean isTerminal() {
    var console = System.console();
    return console != null && console.isTerminal();
  }

  /// Asks whether to go on, unless that was said already.
  ///
  /// @param consented whether `--yes` was given
  /// @param loss what is lost, as the beginning of a sentence
  /// @throws StorageException.InvalidArgument if there is nobody to ask
  /// @throws Declined if the answer is not yes
  public void requireConsent(boolean consented, String loss) throws IOException {
    if (consented) {
      return;
    }
    if (!interactive()) {
      throw new StorageException.InvalidArgument(
          loss + "; nobody is there to be asked: say --yes to do it");
    }
    if (!confirm(loss + ". Go on?")) {
      throw new Declined();
    }
  }

  /// Whether a person sits there.
  public boolean interactive() {
    return terminal.getAsBoolean();
  }

  /// Asks; only yes is yes.
  boolean confirm(String question) throws IOException {
    err.print(question + " [y/N] ");
    err.flush();
    @Nullable String answer = in.readLine();
    return answer != null && answer.strip().matches("(?i)y(es)?");
  }
}
