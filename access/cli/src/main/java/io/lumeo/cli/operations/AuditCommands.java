package io.lumeo.cli.operations;

import io.lumeo.audit.AuditIndex;
import io.lumeo.audit.AuditLog;
import io.lumeo.audit.AuditPlace;
import io.lumeo.audit.AuditQuery;
import io.lumeo.audit.AuditRecord;
import io.lumeo.audit.AuditResult;
import io.lumeo.audit.Executed;
import io.lumeo.audit.Verification;
import io.lumeo.block.StorageException;
import io.lumeo.cli.Printer.Column;
import io.lumeo.cli.Span;
import io.lumeo.configuration.Configuration;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `lumeo audit …`
@Command(name = "audit", synopsisSubcommandLabel = "COMMAND")
final class AuditCommands {
  private static final List<Column<Line>> COLUMNS =
      List.of(
          Column.number("RECORD", Line::sequence),
          Column.text("TIME", line -> line.time().truncatedTo(ChronoUnit.SECONDS)),
          Column.text("ACTOR", Line::actor),
          Column.text("VERB", Line::verb),
          Column.text("RESULT", Line::result),
          Column.text("REASON", Line::reason));

  private final OperationsSession session;

  AuditCommands(OperationsSession session) {
    this.session = session;
  }

  /// A record as programs read it.
  public record Line(
      long sequence,
      String id,
      Instant time,
      String actor,
      String source,
      String verb,
      String result,
      String reason,
      List<String> targets,
      String decision,
      List<Ran> executed,
      long durationMillis,
      Map<String, String> before,
      Map<String, String> after,
      @Nullable String backup,
      String hash) {

    static Line of(AuditRecord item) {
      var entry = item.entry();
      return new Line(
          item.sequence(),
          item.id(),
          item.time(),
          entry.actor(),
          entry.source(),
          entry.verb(),
          entry.result().word(),
          entry.reason(),
          entry.targets(),
          entry.decision(),
          entry.executed().stream().map(Ran::of).toList(),
          entry.duration().toMillis(),
          entry.before(),
          entry.after(),
          entry.backup().orElse(null),
          item.hash());
    }
  }

  /// A command that was run.
  public record Ran(List<String> argv, int exit, long durationMillis) {
    static Ran of(Executed executed) {
      return new Ran(executed.argv(), executed.exit(), executed.duration().toMillis());
    }
  }

  @Command(
      name = "list",
      description = "Lists what was decided and done, refused and dry ones too, the latest first.")
  void list(
      @Mixin ConfigurationOptions options,
      @Option(
              names = "--since",
              paramLabel = "TIME",
              converter = Span.class,
              description = "Only of the last 12h, 7d, …")
          @Nullable Duration since,
      @Option(names = "--actor", paramLabel = "ACTOR", description = "Only by policy:ID, agent, …")
          @Nullable String actor,
      @Option(
              names = "--verb",
              paramLabel = "VERB",
              description = "Only this, or all that begin so when it ends with a dot: snapshot.")
          @Nullable String verb,
      @Option(names = "--target", paramLabel = "UUID", description = "Only about this.")
          @Nullable String target,
      @Option(
              names = "--result",
              paramLabel = "RESULT",
              converter = ResultWord.class,
              description = "Only with this result: done, partial, failed, refused, dry-run.")
          @Nullable AuditResult result,
      @Option(
              names = "--limit",
              paramLabel = "N",
              defaultValue = "50",
              description = "At most so many (default: 50).")
          int limit)
      throws IOException {
    var query =
        new AuditQuery(
            Optional.ofNullable(since).map(session.surroundings().time().instant()::minus),
            Optional.empty(),
            Optional.ofNullable(actor),
            Optional.ofNullable(verb),
            Optional.ofNullable(target),
            Optional.ofNullable(result),
            limit);
    session.printer(options).list(find(session.configuration(options), query), COLUMNS);
  }

  private static List<Line> find(Configuration configuration, AuditQuery query) throws IOException {
    var state = OperationsSession.stateOf(configuration, "audit");
    if (state.isEmpty() || Files.notExists(configuration.audit().file())) {
      return List.of();
    }
    try (var database = state.get()) {
      return AuditIndex.view(database).find(query).stream().map(Line::of).toList();
    }
  }

  /// What came of a check.
  ///
  /// @param unwitnessed how many records at the end no second witness knows of
  public record Checked(boolean intact, long records, long unwitnessed, long unfinishedBytes) {}

  @Command(
      name = "verify",
      description = {
        "Follows the chain of hashes from the first record to the last, and asks the state file and"
            + " the anchor about each.",
        "Any change, cut or reordering is found, and the first line that shows it is named."
      })
  void verify(@Mixin ConfigurationOptions options) throws IOException {
    var configuration = session.configuration(options);
    var settings = configuration.audit();
    var place = new AuditPlace(settings.file(), settings.anchor(), settings.rotateAtBytes());
    var state = OperationsSession.stateOf(configuration, "audit");
    try {
      switch (AuditLog.verify(place, state)) {
        case Verification.Broken broken ->
            throw new StorageException.Damaged(
                "the record was changed: %s; compare it with a copy of yours".formatted(broken));
        case Verification.Intact intact -> {
          var checked =
              new Checked(true, intact.records(), intact.unwitnessed(), intact.unfinishedBytes());
          session.printer(options).done(sentence(intact), checked);
        }
      }
    } finally {
      state.ifPresent(database -> database.close());
    }
  }

  private static String sentence(Verification.Intact intact) {
    var end =
        intact.unwitnessed() == 0
            ? ""
            : ", the last %d of which nobody else knows of".formatted(intact.unwitnessed());
    return "all %d records are as they were written%s".formatted(intact.records(), end);
  }
}
