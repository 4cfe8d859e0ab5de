package io.lumeo.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.state.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Somebody changes something by hand while the agent runs: both write one record.
class SeveralWritersTest {
  private static final int EACH = 60;

  @TempDir Path folder;

  @Test
  void twoProcessesWriteOneChainThroughAllItsFiles() throws Exception {
    try (var journal = new Journal(folder, true, 20_000)) {
      journal.add(1);
      var other = OtherWriter.start(journal.place, journal.database().file(), EACH);
      for (int i = 0; other.isAlive() || i < EACH; i++) {
        journal.add("own." + i);
      }
      assertThat(other.waitFor(1, TimeUnit.MINUTES)).isTrue();
      assertThat(other.exitValue())
          .as(Files.readString(Path.of(journal.database().file() + ".other.log")))
          .isZero();

      var records = journal.log().find(AuditQuery.latest(1_000_000));
      assertThat(journal.verify())
          .isEqualTo(new Verification.Intact(records.size(), 0, 0))
          .isEqualTo(journal.log().verify());
      var verbs = records.stream().map(record -> record.entry().verb()).toList();
      assertThat(verbs.reversed().stream().filter(verb -> verb.startsWith("other.")).toList())
          .isEqualTo(Stream.iterate(0, i -> i + 1).limit(EACH).map(i -> "other." + i).toList());
      assertThat(verbs).as("nobody took the other for a crash").noneMatch(this::isANote);
      assertThat(AuditSegment.all(journal.file())).hasSizeGreaterThan(2);
    }
  }

  private boolean isANote(String verb) {
    return verb.startsWith("audit.");
  }

  @Test
  void whatAnotherProcessLeftTornIsPutRightBeforeTheNextRecord() throws IOException {
    try (var journal = new Journal(folder, true, 1 << 20)) {
      journal.add(2);
      Files.writeString(journal.file(), "{\"seq\":3,\"id", StandardOpenOption.APPEND);
      journal.add("own");
      assertThat(verbs(journal)).containsExactly("own", "audit.repaired", "test.1", "test.0");
      assertThat(journal.verify()).isEqualTo(new Verification.Intact(4, 0, 0));
    }
  }

  /// The other was killed between the file and the state file.
  @Test
  void whatAnotherProcessToldTheFileOnlyIsAdopted() throws IOException {
    try (var journal = new Journal(folder, false, 1 << 20)) {
      journal.add(1);
      var state = folder.resolve("other.db");
      Files.copy(journal.database().file(), state);
      try (var lost = Database.open(state);
          var other =
              AuditLog.open(
                  journal.place, lost, () -> Journal.START, new Random(1), Redaction.none())) {
        other.append(Journal.entry("other"));
      }
      journal.add("own");
      assertThat(verbs(journal)).containsSubsequence("own", "audit.recovered", "other", "test.0");
      assertThat(journal.verify()).isInstanceOf(Verification.Intact.class);
    }
  }

  private static List<String> verbs(Journal journal) {
    return journal.log().find(AuditQuery.latest(100)).stream()
        .map(record -> record.entry().verb())
        .toList();
  }

  @Test
  void theLastKnownRecordIsFoundFromTheEnd() throws IOException {
    try (var journal = new Journal(folder, false, 1 << 30)) {
      for (int i = 0; i < 200; i++) {
        journal.log().append(AuditEntry.of("a", "b", "c", AuditResult.DONE, "x".repeat(i * 17)));
      }
      for (long known : new long[] {0, 1, 3, 100, 150, 199, 200, 900}) {
        var from = AuditLines.lastUpTo(journal.file(), known);
        try (var lines = new AuditLines(journal.file(), from)) {
          var first = AuditLine.link(lines.next().bytes()).map(AuditLine.Link::sequence);
          assertThat(first.orElseThrow()).isLessThanOrEqualTo(Math.max(1, known));
        }
        assertThat(from > 0).as("known " + known).isEqualTo(known >= 150);
      }
    }
  }

  @Test
  void linesOfAnyLengthAreReadAsTheyAre() throws IOException {
    var random = new Random(11);
    for (int round = 0; round < 20; round++) {
      var bytes = new byte[random.nextInt(400_000)];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) (random.nextInt(1 << random.nextInt(17)) == 7 ? '\n' : 'x');
      }
      var file = folder.resolve("lines-" + round);
      Files.write(file, bytes);
      var text = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
      long offset = 0;
      try (var lines = new AuditLines(file)) {
        for (var line = lines.next(); line.ended() || line.bytes().length > 0; ) {
          assertThat(line.offset()).isEqualTo(offset);
          var end = text.indexOf('\n', (int) offset);
          assertThat(line.ended()).isEqualTo(end >= 0);
          assertThat(line.bytes().length)
              .isEqualTo((int) ((end < 0 ? text.length() : end) - offset));
          offset += line.bytes().length + (line.ended() ? 1 : 0);
          line = lines.next();
        }
      }
      assertThat(offset).isEqualTo(bytes.length);
    }
  }

  @Test
  void aRecordWithoutAFileBeginsANewOne() throws IOException {
    try (var journal = new Journal(folder, false, 1 << 20)) {
      assertThat(Optional.of(journal.add("one").sequence())).contains(1L);
      Files.delete(journal.file());
      journal.add("two");
      assertThat(verbs(journal)).containsExactly("two", "audit.damaged", "one");
      assertThat(journal.verify()).isInstanceOf(Verification.Broken.class);
    }
  }
}
