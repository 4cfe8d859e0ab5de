package io.lumeo.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditLogTest {
  private static final long NO_ROTATION = 1L << 40;

  @TempDir Path folder;

  private Journal journal() throws IOException {
    return new Journal(folder, true, NO_ROTATION);
  }

  @Test
  void aRecordIsOneLineThatSaysAll() throws IOException {
    try (var journal = journal()) {
      var added = journal.add("snapshot.create");
      assertThat(journal.lines())
          .containsExactly(
              ("{'seq':1,'id':'%s','time':'2026-03-01T12:00:01Z','actor':'uid:0','source':'local',"
                      + "'verb':'snapshot.create','targets':['uuid-1','uuid-2'],"
                      + "'decision':'plan-hash',"
                      + "'executed':[{'argv':['lvcreate','-s','vg/äöü'],'exit':0,'ms':120}],'ms':250,"
                      + "'before':{'seqno':'4','sizeBytes':'10'},"
                      + "'after':{'seqno':'5','sizeBytes':'20'},'backup':'vg0-17.vg',"
                      + "'result':'done','reason':'because','prevHash':'%s','hash':'%s'}")
                  .replace('\'', '"')
                  .formatted(added.id(), "0".repeat(64), added.hash()));
      assertThat(added.entry()).isEqualTo(Journal.entry("snapshot.create"));
      assertThat(journal.add("next").previousHash()).isEqualTo(added.hash());
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(journal.file())))
          .isIn("rw-r-----", "rw-------");
      assertThat(Files.readString(folder.resolve("anchor"))).startsWith("1 " + added.hash());
    }
  }

  @Test
  void theChainGoesOnAfterReopening() throws IOException {
    try (var journal = journal()) {
      journal.add(3);
      journal.reopen();
      journal.add(2);
      assertThat(journal.verify()).isEqualTo(new Verification.Intact(5, 0, 0));
      assertThat(journal.log().verify()).isEqualTo(new Verification.Intact(5, 0, 0));
    }
  }

  @Test
  void anEmptyRecordIsIntact() throws IOException {
    try (var journal = journal()) {
      assertThat(journal.verify()).isEqualTo(new Verification.Intact(0, 0, 0));
      assertThat(journal.log().find(AuditQuery.latest(5))).isEmpty();
    }
    var nowhere = new AuditPlace(folder.resolve("no/audit"), Optional.empty(), 1);
    assertThat(AuditLog.verify(nowhere, Optional.empty()))
        .isEqualTo(new Verification.Intact(0, 0, 0));
  }

  @Test
  void recordsAreFoundByWhatTheyAre() throws IOException {
    try (var journal = journal()) {
      journal.add("snapshot.create");
      journal.add("snapshot.remove");
      journal
          .log()
          .append(
              AuditEntry.of("token:ci", "10.0.0.7", "grow.volume", AuditResult.REFUSED, "too full")
                  .about(List.of("uuid-9", "uuid-9"), ""));
      var all = AuditQuery.latest(10);
      assertThat(verbs(journal, all))
          .containsExactly("grow.volume", "snapshot.remove", "snapshot.create");
      assertThat(verbs(journal, AuditQuery.latest(1))).containsExactly("grow.volume");
      assertThat(verbs(journal, query("snapshot.", null, null, null)))
          .containsExactly("snapshot.remove", "snapshot.create");
      assertThat(verbs(journal, query("snapshot.create", null, null, null)))
          .containsExactly("snapshot.create");
      assertThat(verbs(journal, query(null, "token:ci", null, null)))
          .containsExactly("grow.volume");
      assertThat(verbs(journal, query(null, null, "uuid-9", null))).containsExactly("grow.volume");
      assertThat(verbs(journal, query(null, null, null, AuditResult.REFUSED)))
          .containsExactly("grow.volume");
      var second =
          new AuditQuery(
              Optional.of(Journal.START.plusSeconds(2)),
              Optional.of(Journal.START.plusSeconds(3)),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              9);
      assertThat(journal.log().find(second))
          .extracting(AuditRecord::time)
          .allMatch(Journal.START.plusSeconds(2)::equals);
    }
  }

  private static AuditQuery query(String verb, String actor, String target, AuditResult result) {
    return new AuditQuery(
        Optional.empty(),
        Optional.empty(),
        Optional.ofNullable(actor),
        Optional.ofNullable(verb),
        Optional.ofNullable(target),
        Optional.ofNullable(result),
        10);
  }

  private static List<String> verbs(Journal journal, AuditQuery query) {
    return journal.log().find(query).stream().map(found -> found.entry().verb()).toList();
  }

  @Test
  void noTextBreaksItsLineOrATerminal() throws IOException {
    var hostile =
        "a\nb\r\n{\"seq\":9}\u001b[31m\u0000\u007f\u0085\u009b\u2028\u2029\u202e\u2066\ufeff\"\\\ud800"
            + "\uD83D\uDE00é";
    var kept = hostile.replace("\ud800", "\uFFFD"); // half a character cannot be written
    try (var journal = journal()) {
      var added =
          journal
              .log()
              .append(
                  AuditEntry.of(hostile, hostile, hostile, AuditResult.FAILED, hostile)
                      .about(List.of(hostile), hostile)
                      .ran(
                          List.of(new Executed(List.of(hostile), -1, Duration.ZERO)),
                          Duration.ZERO,
                          Optional.of(hostile))
                      .changed(
                          new TreeMap<>(Map.of(hostile, hostile)), Collections.emptySortedMap()));
      assertThat(journal.lines()).hasSize(1);
      var line = journal.lines().getFirst();
      assertThat(line.codePoints())
          .noneMatch(c ->
              Character.isISOControl(c)
                  || Character.getType(c) == Character.FORMAT
                  || c == 0x2028
                  || c == 0x2029);
      assertThat(line).contains("😀é");
      assertThat(added.entry().reason()).isEqualTo(kept);
      assertThat(added.entry().executed().getFirst().argv()).containsExactly(kept);
      assertThat(added.entry().before()).containsExactly(Map.entry(kept, kept));
      assertThat(journal.verify()).isEqualTo(new Verification.Intact(1, 0, 0));
    }
  }

  @Test
  void secretsAreTakenOutOfEveryText() throws IOException {
    var told = "x hunter2 y";
    try (var journal = journal()) {
      journal
          .log()
          .append(
              AuditEntry.of(told, told, told, AuditResult.DONE, told)
                  .about(List.of(told), told)
                  .ran(
                      List.of(new Executed(List.of("curl", told), 0, Duration.ZERO)),
                      Duration.ZERO,
                      Optional.of(told))
                  .changed(new TreeMap<>(Map.of(told, told)), new TreeMap<>(Map.of(told, told))));
      assertThat(journal.lines().getFirst()).contains("x *** y").doesNotContain("hunter2");
      assertThat(journal.log().find(AuditQuery.latest(1)).toString()).doesNotContain("hunter2");
    }
    assertThat(Redaction.of(() -> List.of("ab", "abc", "")).redact("abc ab")).isEqualTo("*** ***");
    assertThat(Redaction.none().redact("abc")).isEqualTo("abc");
  }

  @Test
  void aRecordThatIsTooLongIsShortened() throws IOException {
    try (var journal = journal()) {
      var long16 = journal.log().append(Journal.entry("x".repeat(20_000)));
      assertThat(long16.entry().verb()).endsWith("… (20000 characters)");
      var many =
          journal
              .log()
              .append(
                  Journal.entry("many")
                      .about(Collections.nCopies(5000, "\u0001".repeat(3000)), ""));
      assertThat(many.entry().targets()).hasSize(200);
      assertThat(many.entry().reason()).contains("shortened: it was", "of 5000 targets");
      assertThat(journal.verify()).isEqualTo(new Verification.Intact(2, 0, 0));
    }
  }

  @Test
  void idsRiseAndAreUnique() {
    var ids = new Ulids(new java.util.Random(1));
    var time = Instant.parse("2026-01-01T00:00:00Z");
    var first = ids.next(time);
    var made = new java.util.ArrayList<>(List.of(first));
    for (int i = 0; i < 100; i++) {
      made.add(ids.next(time.minusMillis(i % 3)));
    }
    made.add(ids.next(time.plusMillis(1)));
    assertThat(made)
        .doesNotHaveDuplicates()
        .isSorted()
        .allMatch(id -> id.matches("[0-7][0-9A-HJKMNP-TV-Z]{25}"));
    // 2026-01-01 as ten digits of base 32, reckoned apart from this code.
    assertThat(first).startsWith("01KDVDNA00");
  }

  @Test
  void aFullFileGoesOnInANewOne() throws IOException {
    try (var journal = new Journal(folder, true, 2000)) {
      journal.add(12);
      var segments = AuditSegment.all(journal.file());
      assertThat(segments).hasSizeGreaterThan(2);
      assertThat(segments.getFirst().file()).hasFileName("audit.000000000001.jsonl");
      journal.reopen();
      journal.add(3);
      assertThat(journal.verify()).isEqualTo(new Verification.Intact(15, 0, 0));

      // A crash after the old file has its new name and before there is a new one.
      journal.stop();
      Files.move(
          journal.file(),
          AuditSegment.full(journal.file(), AuditLine.read(journal.lines().getFirst()).sequence()));
      journal.open();
      journal.add(1);
      assertThat(journal.verify()).isEqualTo(new Verification.Intact(16, 0, 0));

      Files.delete(AuditSegment.all(journal.file()).get(1).file());
      assertThat(journal.verify())
          .isInstanceOf(Verification.Broken.class)
          .asString()
          .contains("is to be record", "by its file's name");
    }
  }

  @Test
  void halfALineIsMovedAwayAndNoted() throws IOException {
    try (var journal = journal()) {
      journal.add(2);
      var half = journal.lines().getFirst().substring(0, 100);
      for (var rest : List.of(half, "\0\0\0\0", "\0\0\0\n", half + "\n" + half)) {
        Files.writeString(journal.file(), rest, StandardOpenOption.APPEND);
        if (!rest.contains("\n")) {
          assertThat(journal.verify())
              .isEqualTo(new Verification.Intact(journal.lines().size() - 1, 0, rest.length()));
        }
        journal.reopen();
        var note = journal.log().find(AuditQuery.latest(1)).getFirst();
        assertThat(note.entry().verb()).isEqualTo("audit.repaired");
        assertThat(note.entry().reason()).contains("audit.jsonl.torn-" + note.sequence());
        assertThat(journal.file().resolveSibling("audit.jsonl.torn-" + note.sequence()))
            .hasContent(rest);
        assertThat(journal.verify()).isEqualTo(new Verification.Intact(note.sequence(), 0, 0));
      }
      journal.add(1);
      assertThat(journal.verify()).isEqualTo(new Verification.Intact(7, 0, 0));
    }
  }

  @Test
  void aLineThatTheStateFileMissedIsAdopted() throws IOException {
    try (var journal = journal()) {
      journal.add(3);
      journal.stop();
      forget(journal, 3);
      journal.open();
      assertThat(verbs(journal, AuditQuery.latest(2))).containsExactly("audit.recovered", "test.2");
      assertThat(journal.verify()).isEqualTo(new Verification.Intact(4, 0, 0));
    }
  }

  @Test
  void aLostStateFileIsMadeAnewFromTheRecord() throws IOException {
    try (var journal = new Journal(folder, true, 20_000)) {
      journal.add(250);
      journal.stop();
      Files.delete(folder.resolve("state.db"));
      assertThat(AuditLog.verify(journal.place, Optional.empty()))
          .isEqualTo(new Verification.Intact(250, 0, 0));
      journal.open();
      assertThat(verbs(journal, AuditQuery.latest(2)))
          .containsExactly("audit.recovered", "test.249");
      assertThat(journal.log().find(AuditQuery.latest(5000))).hasSize(251);
      assertThat(journal.verify()).isEqualTo(new Verification.Intact(251, 0, 0));
    }
  }

  @Test
  void aCutRecordGoesOnButIsNeverWholeAgain() throws IOException {
    try (var journal = journal()) {
      journal.add(5);
      journal.stop();
      var lines = journal.lines();
      Files.write(journal.file(), lines.subList(0, 3));
      journal.open();
      assertThat(verbs(journal, AuditQuery.latest(1))).containsExactly("audit.damaged");
      assertThat(journal.add("goes.on").sequence()).isEqualTo(7);
      assertThat(journal.verify())
          .isEqualTo(new Verification.Broken(journal.file(), 4, "is record 6, and 4 is due"));
      journal.reopen();
      assertThat(verbs(journal, AuditQuery.latest(1))).containsExactly("goes.on");
    }
  }

  @Test
  void aRecordThatWasCutInsideItsLastLineIsNotTakenForACrash() throws IOException {
    try (var journal = journal()) {
      journal.add(3);
      journal.stop();
      var text = Files.readString(journal.file());
      Files.writeString(journal.file(), text.substring(0, text.length() - 20));
      journal.open();
      assertThat(verbs(journal, AuditQuery.latest(2)))
          .containsExactly("audit.repaired", "audit.damaged");
      assertThat(journal.verify()).isInstanceOf(Verification.Broken.class);
    }
  }

  @Test
  void aRecordThatCannotBeWrittenIsRefused() throws IOException {
    try (var journal = journal()) {
      journal.add(1);
      journal.log().close();
      assertThatThrownBy(() -> journal.add("late"))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("cannot record 'late' in " + journal.file());
    }
    try (var journal = journal()) {
      journal.database().write(handle -> handle.execute("DROP TABLE audit_target"));
      assertThatThrownBy(() -> journal.add("unwitnessed"))
          .hasMessageContaining("the state file refuses it");
    }
  }

  @Test
  void manyThreadsWriteOneChain() throws Exception {
    try (var journal = new Journal(folder, false, 3000);
        var threads = Executors.newFixedThreadPool(4)) {
      var added =
          threads.invokeAll(
              Collections.<java.util.concurrent.Callable<AuditRecord>>nCopies(
                  40, () -> journal.log().append(Journal.entry("threads"))));
      for (var record : added) {
        assertThat(record.get().entry().verb()).isEqualTo("threads");
      }
      assertThat(journal.verify()).isEqualTo(new Verification.Intact(40, 0, 0));
    }
  }

  @Test
  void whatIsNoRecordIsNotRead() {
    assertThatThrownBy(() -> AuditLine.read("{\"seq\":1"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> AuditLine.read("{\"seq\":1,\"time\":\"x\"}"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> AuditResult.of("x")).hasMessage("'x' is no result");
    assertThat(AuditResult.of("dry-run")).isEqualTo(AuditResult.DRY_RUN);
  }

  private static void forget(Journal journal, long sequence) throws IOException {
    try (var database = io.lumeo.state.Database.open(journal.folder.resolve("state.db"))) {
      database.write(handle -> {
        handle.execute("DELETE FROM audit_target WHERE sequence >= ?", sequence);
        return handle.execute("DELETE FROM audit_record WHERE sequence >= ?", sequence);
      });
    }
  }
}
