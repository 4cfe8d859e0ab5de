package io.lumeo.server;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// Commands → pages of the manual in roff, one for each command of the first level, as `git` has
/// them.
final class ManPage {
  private final StringBuilder text = new StringBuilder();

  private ManPage() {}

  /// File name → page, of a command line whose commands are all made.
  static Map<String, String> all(CommandLine lumeo) {
    var pages = new TreeMap<String, String>();
    pages.put("lumeo.1", first(lumeo));
    lumeo
        .getSubcommands()
        .forEach((name, command) -> {
          var section = name.equals("agent") ? 8 : 1;
          pages.put("lumeo-%s.%d".formatted(name, section), of(command, section));
        });
    return pages;
  }

  /// The page about the configuration, of its JSON Schema.
  static String configuration(Map<?, ?> schema) {
    var page = new ManPage();
    page.begin("lumeo.yaml", 5, "what lumeo's agent is told");
    page.head("DESCRIPTION");
    page.paragraph(
        "One file of YAML, and those of conf.d beside it by name. Lists of several files are one"
            + " after the other, blocks are merged, and the same key in two files is a mistake, as"
            + " is a key that is not named here. lumeo config check finds every mistake at once.");
    page.head("KEYS");
    page.keys(schema);
    page.head("BLOCKS");
    ((Map<?, ?>) schema.get("$defs"))
        .forEach((name, block) -> {
          page.raw(".SS %s\n".formatted(escaped(name.toString())));
          page.paragraph(String.valueOf(((Map<?, ?>) block).get("description")) + ".");
          page.keys((Map<?, ?>) block);
        });
    page.head("FILES");
    page.item("/etc/lumeo/lumeo.yaml, /etc/lumeo/conf.d/*.yaml", "Where it is looked for.");
    page.head("SEE ALSO");
    page.raw(".BR lumeo\\-config (1),\n.BR lumeo\\-agent (8)\n");
    return page.text.toString();
  }

  private void keys(Map<?, ?> block) {
    var required = block.get("required") instanceof List<?> names ? names : List.of();
    if (block.get("properties") instanceof Map<?, ?> properties) {
      properties.forEach((name, property) ->
          item(name.toString(), description((Map<?, ?>) property, required.contains(name))));
    }
  }

  private static String description(Map<?, ?> property, boolean required) {
    var references = new TreeSet<String>();
    collect(property, references);
    var words = property.get("description") == null ? "" : property.get("description").toString();
    return words
        + (required ? "; required" : "")
        + (references.isEmpty() ? "" : "; see " + String.join(", ", references));
  }

  private static void collect(Object node, Set<String> references) {
    switch (node) {
      case Map<?, ?> map ->
          map.forEach((key, value) -> {
            if (key.equals("$ref")) {
              references.add(value.toString().replaceFirst(".*/", ""));
            } else {
              collect(value, references);
            }
          });
      case List<?> list -> list.forEach(item -> collect(item, references));
      case null, default -> {}
    }
  }

  private static String first(CommandLine lumeo) {
    var page = new ManPage();
    page.begin("lumeo", 1, "thin, snapshotting volumes, and LVM hosts looked after");
    page.synopsis(lumeo);
    page.head("DESCRIPTION");
    for (var line : lumeo.getCommandSpec().usageMessage().footer()) {
      page.paragraph(line);
    }
    page.head("COMMANDS");
    lumeo
        .getSubcommands()
        .forEach((name, command) ->
            page.item("lumeo " + name, String.join(" ", lines(command.getCommandSpec()))));
    page.options(lumeo.getCommandSpec());
    page.exitStatus(lumeo);
    page.files();
    page.end(lumeo.getSubcommands().keySet().stream().map(name -> "lumeo-" + name).toList());
    return page.text.toString();
  }

  private static String of(CommandLine command, int section) {
    var spec = command.getCommandSpec();
    var page = new ManPage();
    var about = String.join(" ", lines(spec));
    page.begin(spec.qualifiedName("-"), section, lowerFirst(about));
    page.synopsis(command);
    page.head("DESCRIPTION");
    page.paragraph(about);
    page.arguments(spec);
    page.options(spec);
    page.subcommands(command);
    for (var line : spec.usageMessage().footer()) {
      page.paragraph(line);
    }
    page.head("EXIT STATUS");
    page.raw("See\n.BR lumeo (1).\n");
    page.end(List.of("lumeo"));
    return page.text.toString();
  }

  private static String lowerFirst(String about) {
    var plain = about.endsWith(".") ? about.substring(0, about.length() - 1) : about;
    return plain.substring(0, 1).toLowerCase(Locale.ROOT) + plain.substring(1);
  }

  private static List<String> lines(CommandSpec spec) {
    return Arrays.stream(spec.usageMessage().description())
        .map(line -> line.formatted())
        .filter(line -> !line.isBlank())
        .toList();
  }

  // --- sections

  private void begin(String name, int section, String about) {
    raw(".\\\" Made from the commands' own definitions; see ManPagesTest.\n");
    raw(".TH %s %d\n".formatted(name.toUpperCase(Locale.ROOT), section));
    head("NAME");
    raw(escaped(name) + " \\- " + escaped(about) + "\n");
  }

  private void head(String title) {
    raw(".SH %s\n".formatted(title));
  }

  private void synopsis(CommandLine command) {
    head("SYNOPSIS");
    raw(".nf\n%s\n.fi\n".formatted(usage(command)));
  }

  private static String usage(CommandLine command) {
    var help = new Help(command.getCommandSpec(), Help.defaultColorScheme(Help.Ansi.OFF));
    return escaped(help.synopsis(0).strip());
  }

  private void subcommands(CommandLine command) {
    if (command.getSubcommands().isEmpty()) {
      return;
    }
    head("COMMANDS");
    command.getSubcommands().values().forEach(this::subcommand);
  }

  private void subcommand(CommandLine command) {
    var spec = command.getCommandSpec();
    raw(".SS %s\n".formatted(escaped(spec.qualifiedName(" "))));
    lines(spec).forEach(this::paragraph);
    if (!command.getSubcommands().isEmpty()) {
      command.getSubcommands().values().forEach(this::subcommand);
      return;
    }
    raw(".PP\n.nf\n%s\n.fi\n".formatted(usage(command)));
    spec.positionalParameters().forEach(parameter -> item(parameter.paramLabel(), parameter));
    spec.options().stream()
        .filter(ManPage::isItsOwn)
        .forEach(option -> item(names(option), option));
  }

  private void arguments(CommandSpec spec) {
    if (!spec.positionalParameters().isEmpty()) {
      head("ARGUMENTS");
      spec.positionalParameters().forEach(parameter -> item(parameter.paramLabel(), parameter));
    }
  }

  private void options(CommandSpec spec) {
    var own = spec.options().stream().filter(option -> !option.hidden()).toList();
    if (!own.isEmpty()) {
      head("OPTIONS");
      own.forEach(option -> item(names(option), option));
    }
  }

  /// Not those that every command has.
  private static boolean isItsOwn(OptionSpec option) {
    return !option.hidden() && !option.usageHelp() && !option.longestName().equals("--debug");
  }

  private static String names(OptionSpec option) {
    var names = String.join(", ", option.names());
    return option.arity().max() == 0 ? names : names + " " + option.paramLabel();
  }

  private void item(String tag, ArgSpec argument) {
    item(tag, String.join(" ", Help.Ansi.OFF.string(described(argument)).split("\\s*\\R\\s*", -1)));
  }

  private static String described(ArgSpec argument) {
    var candidates = argument.completionCandidates();
    var all = new ArrayList<String>();
    if (candidates != null) {
      candidates.forEach(all::add);
    }
    return String.join(" ", argument.description())
        .replace("${COMPLETION-CANDIDATES}", String.join(", ", all))
        .replace("%%", "%");
  }

  private void item(String tag, String about) {
    raw(".TP\n.B %s\n%s\n".formatted(escaped(tag), escaped(about)));
  }

  private void paragraph(String line) {
    if (!line.isBlank()) {
      raw(".PP\n%s\n".formatted(escaped(line.replace("%n", "").replace("%%", "%"))));
    }
  }

  private void exitStatus(CommandLine lumeo) {
    head("EXIT STATUS");
    lumeo.getCommandSpec().usageMessage().exitCodeList().forEach(this::item);
  }

  private void files() {
    head("FILES");
    item("/etc/lumeo/lumeo.yaml, /etc/lumeo/conf.d/*.yaml", "What operations are told.");
    item("/var/lib/lumeo", "Where operations remember, and backups of LVM's metadata.");
    item("/var/log/lumeo/audit.jsonl", "What was decided and done.");
    head("ENVIRONMENT");
    item("LUMEO_DIR", "The pool's directory.");
    item("LUMEO_CONFIG", "The configuration.");
    item("LUMEO_STATE", "Where plans and locks are kept.");
  }

  private void end(List<String> others) {
    head("SEE ALSO");
    raw(
        others.stream()
                .map(name -> ".BR %s (%d)".formatted(escaped(name), name.endsWith("agent") ? 8 : 1))
                .reduce((one, next) -> one + ",\n" + next)
                .orElse("")
            + "\n");
  }

  private void raw(String roff) {
    text.append(roff);
  }

  /// Nothing in it is a request, a hyphen is one that can be copied.
  private static String escaped(String plain) {
    var roff = plain.replace("\\", "\\e").replace("-", "\\-");
    return roff.lines()
        .map(line -> line.startsWith(".") || line.startsWith("'") ? "\\&" + line : line)
        .reduce((one, next) -> one + "\n" + next)
        .orElse("");
  }
}
