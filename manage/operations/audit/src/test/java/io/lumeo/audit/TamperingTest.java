package io.lumeo.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.testing.SeededTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whatever is done to the file of a finished record is found, and the first line that shows it
/// named; by the state file as well as by an anchor.
class TamperingTest {
  private static final int RECORDS = 9;

  @TempDir static Path folder;
  private static Journal journal;
  private static byte[] original;
  private static List<String> lines;

  @BeforeAll
  static void write() throws IOException {
    journal = new Journal(folder, true, 1 << 20);
    journal.add(RECORDS);
    original = Files.readAllBytes(journal.file());
    lines = journal.lines();
  }

  @BeforeEach
  void mend() throws IOException {
    Files.write(journal.file(), original);
  }

  @AfterAll
  static void close() throws IOException {
    journal.close();
  }

  private Verification.Broken broken() throws IOException {
    var byState =
        AuditLog.verify(
            new AuditPlace(journal.file(), Optional.empty(), 1), Optional.of(journal.database()));
    var byAnchor = AuditLog.verify(journal.place, Optional.empty());
    assertThat(byState).isInstanceOf(Verification.Broken.class);
    assertThat(byAnchor).isInstanceOf(Verification.Broken.class);
    assertThat(((Verification.Broken) byState).line())
        .isEqualTo(((Verification.Broken) byAnchor).line());
    return (Verification.Broken) byState;
  }

  private void rewrite(List<String> changed) throws IOException {
    Files.writeString(journal.file(), changed.isEmpty() ? "" : String.join("\n", changed) + "\n");
  }

  private int lineOf(int offset) {
    var line = 1;
    for (int i = 0; i < offset; i++) {
      if (original[i] == '\n') {
        line++;
      }
    }
    return line;
  }

  @Test
  void everyByteOfALineCounts() throws IOException {
    var begin = lines.getFirst().getBytes(StandardCharsets.UTF_8).length + 1;
    var end = begin + lines.get(1).getBytes(StandardCharsets.UTF_8).length + 1;
    for (int at = begin; at < end; at++) {
      var changed = original.clone();
      changed[at] ^= 1;
      Files.write(journal.file(), changed);
      assertThat(broken().line()).as("byte %d", at - begin).isEqualTo(2);
    }
  }

  @SeededTest(seeds = 100)
  void aChangedByteIsFound(Random random) throws IOException {
    var at = random.nextInt(original.length);
    var changed = original.clone();
    changed[at] ^= (byte) (1 + random.nextInt(255));
    Files.write(journal.file(), changed);
    assertThat(broken().line()).isEqualTo(lineOf(at));
  }

  @Test
  void everyRemovedLineIsFound() throws IOException {
    for (int i = 0; i < RECORDS; i++) {
      var changed = new ArrayList<>(lines);
      changed.remove(i);
      rewrite(changed);
      assertThat(broken().line()).isEqualTo(i + 1);
    }
  }

  @Test
  void everyExchangeIsFound() throws IOException {
    for (int i = 0; i < RECORDS; i++) {
      for (int j = i + 1; j < RECORDS; j++) {
        var changed = new ArrayList<>(lines);
        java.util.Collections.swap(changed, i, j);
        rewrite(changed);
        assertThat(broken().line()).isEqualTo(i + 1);
      }
    }
  }

  @SeededTest(seeds = 60)
  void everyCutIsFound(Random random) throws IOException {
    var length = random.nextInt(original.length);
    Files.write(journal.file(), java.util.Arrays.copyOf(original, length));
    assertThat(broken().line()).isEqualTo(lineOf(length));
  }

  @Test
  void anEmptiedOrRemovedFileIsFound() throws IOException {
    rewrite(List.of());
    assertThat(broken())
        .hasToString(
            "%s:1: is missing: the record ends with 0, and there were %d"
                .formatted(journal.file(), RECORDS));
    Files.delete(journal.file());
    assertThat(broken().line()).isEqualTo(1);
  }

  @SeededTest(seeds = 60)
  void whateverIsPutInIsFound(Random random) throws IOException {
    var at = random.nextInt(original.length);
    var changed = new ByteArrayOutputStream();
    changed.write(original, 0, at);
    switch (random.nextInt(3)) {
      case 0 -> changed.write(random.nextInt(256));
      case 1 ->
          changed.writeBytes(
              (lines.get(random.nextInt(RECORDS)) + "\n").getBytes(StandardCharsets.UTF_8));
      default -> changed.write('\n');
    }
    changed.write(original, at, original.length - at);
    Files.write(journal.file(), changed.toByteArray());
    assertThat(broken().line()).isLessThanOrEqualTo(lineOf(at));
  }

  @Test
  void aRepeatedLineIsFoundEvenAtTheEnd() throws IOException {
    var changed = new ArrayList<>(lines);
    changed.add(lines.getLast());
    rewrite(changed);
    assertThat(broken().line()).isEqualTo(RECORDS + 1);
  }

  /// One who knows how the chain is made writes it anew from some record on: only the witnesses
  /// know better.
  @SeededTest(seeds = 20)
  void aChainThatWasWrittenAnewIsFound(Random random) throws IOException {
    var from = random.nextInt(RECORDS);
    var changed = new ArrayList<>(lines.subList(0, from));
    var hash = from == 0 ? Sha256.NONE : AuditLine.read(lines.get(from - 1)).hash();
    for (int i = from; i < RECORDS; i++) {
      var old = AuditLine.read(lines.get(i));
      var line =
          new String(
              AuditLine.write(
                  old.sequence(), old.id(), old.time(), Journal.entry("forged." + i), hash),
              StandardCharsets.UTF_8);
      changed.add(line);
      hash = AuditLine.read(line).hash();
    }
    rewrite(changed);
    assertThat(
            AuditLog.verify(new AuditPlace(journal.file(), Optional.empty(), 1), Optional.empty()))
        .isEqualTo(new Verification.Intact(RECORDS, RECORDS, 0));
    assertThat(broken().line()).isEqualTo(from + 1);
  }

  @Test
  void aWitnessThatWasChangedIsFoundToo(@TempDir Path other) throws IOException {
    try (var own = new Journal(other, true, 1 << 20)) {
      own.add(RECORDS);
      own.database()
          .write(handle -> handle.execute("UPDATE audit_record SET hash = 'x' WHERE sequence = 4"));
      assertThat(own.verify())
          .hasToString(own.file() + ":4: is not what the state file knows as record 4");
      var never = "half a line\n99999 " + "0".repeat(64) + "\n";
      Files.writeString(other.resolve("anchor"), never, StandardOpenOption.APPEND);
      assertThat(AuditLog.verify(own.place, Optional.empty()))
          .hasToString(
              "%s:%d: is missing: the record ends with %d, and there were 99999"
                  .formatted(own.file(), RECORDS + 1, RECORDS));
    }
  }

  @Test
  void anAnchorWithHalfALineGoesOn(@TempDir Path other) throws IOException {
    try (var own = new Journal(other, true, 1 << 20)) {
      own.add(1);
      Files.writeString(other.resolve("anchor"), "2 abc", StandardOpenOption.APPEND);
      own.add(1);
      assertThat(Files.readAllLines(other.resolve("anchor"))).hasSize(3);
      assertThat(own.verify()).isEqualTo(new Verification.Intact(2, 0, 0));
    }
  }
}
