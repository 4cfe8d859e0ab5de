package io.lumeo.commands;

import java.nio.charset.Charset;
import java.util.List;

/// What this Java can hand over to a program. Where its locale is `C`, other letters than ASCII's
/// would silently become question marks: another file than the one that was meant.
final class Encoding {
  private static final Charset NATIVE =
      Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));

  private Encoding() {}

  static void check(List<String> arguments) throws CommandFailure {
    check(arguments, NATIVE);
  }

  static void check(List<String> arguments, Charset charset) throws CommandFailure {
    for (var argument : arguments) {
      if (!charset.newEncoder().canEncode(argument)) {
        throw new CommandFailure.NotStarted(
            "%s was not run: its argument %s has no form in %s; start Lumeo with LC_ALL=C.UTF-8"
                .formatted(arguments.getFirst(), ShellQuoting.readable(argument), charset.name()));
      }
    }
  }
}
