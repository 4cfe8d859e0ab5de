package io.lumeo.cli.operations;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.audit.AuditEntry;
import io.lumeo.audit.AuditLog;
import io.lumeo.audit.AuditPlace;
import io.lumeo.audit.AuditResult;
import io.lumeo.audit.Executed;
import io.lumeo.audit.Redaction;
import io.lumeo.cli.lvm.HostFixture;
import io.lumeo.state.Database;
import io.lumeo.testing.ScriptedCommands;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `lumeo audit …` on the record that an agent has left.
class AuditCommandsTest {
  @TempDir Path folder;

  private HostFixture lumeo;
  private Path record;

  @BeforeEach
  void prepare() throws IOException {
    lumeo =
        new HostFixture(
            folder, ScriptedCommands.answering(command -> ScriptedCommands.success("")));
    record = folder.resolve("audit.jsonl");
    Files.writeString(
        folder.resolve("lumeo.yaml"),
        "state: %s\naudit:\n  file: %s\n".formatted(folder.resolve("state"), record));
  }

  private void write() throws IOException {
    Files.createDirectories(folder.resolve("state"));
    try (var database = Database.open(folder.resolve("state/state.db"));
        var log =
            AuditLog.open(
                new AuditPlace(record, Optional.empty(), 1 << 20),
                database,
                () -> lumeo.now,
                new Random(1),
                Redaction.none())) {
      log.append(
          AuditEntry.of("policy:homes", "schedule", "snapshot.create", AuditResult.DONE, "due")
              .about(List.of("uuid-1"), "abc")
              .ran(
                  List.of(new Executed(List.of("lvm", "lvcreate"), 0, Duration.ofMillis(5))),
                  Duration.ofMillis(9),
                  Optional.of("b.vg")));
      lumeo.now = lumeo.now.plus(Duration.ofHours(2));
      log.append(AuditEntry.of("agent", "local", "grow.pool", AuditResult.REFUSED, "no room"));
      log.append(AuditEntry.of("uid:0", "local", "snapshot.create", AuditResult.DRY_RUN, "asked"));
    }
  }

  @Test
  void recordsAreListedAndFiltered() throws IOException {
    assertThat(lumeo.json("audit list")).isEqualTo(List.of());
    write();
    assertThat(lumeo.ok("audit list"))
        .containsPattern("2 +2026-03-01T14:00:00Z +agent +grow.pool +refused +no room");
    assertThat(numbers("audit list")).containsExactly(3L, 2L, 1L);
    assertThat(numbers("audit list --limit 1")).containsExactly(3L);
    assertThat(numbers("audit list --since 1h")).containsExactly(3L, 2L);
    assertThat(numbers("audit list --verb snapshot.")).containsExactly(3L, 1L);
    assertThat(numbers("audit list --actor agent")).containsExactly(2L);
    assertThat(numbers("audit list --result dry-run")).containsExactly(3L);
    assertThat(numbers("audit list --target uuid-1")).containsExactly(1L);
    lumeo.fails(2, "'good' is not one of done, partial", "audit list --result good");
    assertThat(lumeo.ok("audit list --target uuid-1 --output yaml"))
        .contains("backup: b.vg")
        .contains("- lvcreate");
  }

  private List<Object> numbers(String line) throws IOException {
    return ((List<?>) lumeo.json(line))
        .stream().<Object>map(item -> ((Map<?, ?>) item).get("sequence")).toList();
  }

  @Test
  void aRecordThatWasChangedIsFound() throws IOException {
    assertThat(lumeo.ok("audit verify")).isEqualTo("all 0 records are as they were written\n");
    write();
    assertThat(lumeo.ok("audit verify")).isEqualTo("all 3 records are as they were written\n");
    assertThat(lumeo.fields("audit verify")).containsEntry("records", 3L);
    Files.writeString(record, Files.readString(record).replace("no room", "a room"));
    lumeo.fails(8, "audit.jsonl:2: was changed", "audit verify");
  }
}
