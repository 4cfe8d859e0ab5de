package io.lumeo.audit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What is in the files when the record is opened, after whatever ended the process before, and
/// when others have added to it. What the state file knows is not read again.
///
/// A record is written to the file first and to its witnesses then, so a crash can leave half a
/// line at the end, and a last line that no witness knows. Anything else is not from a crash.
final class AuditRecovery {
  private final Path current;
  private final Adoption adoption;

  private AuditIndex.Head end = AuditIndex.Head.NONE;
  private AuditIndex.Head witnessedEnd;
  private Optional<Long> invalidAt = Optional.empty();
  private boolean invalidHasEnd;
  private long firstOfCurrent;

  /// Takes a line that continues the chain and that the state file does not know.
  interface Adoption {
    void adopt(String line) throws IOException;
  }

  /// What was found.
  ///
  /// @param end the last record in the files
  /// @param witnessedEnd how far the chain goes on from what the state file knows
  /// @param tornAt where in the current file something begins that is no record
  /// @param firstOfCurrent the number of the current file's first record, 0 if it has none
  record Found(
      AuditIndex.Head end,
      AuditIndex.Head witnessedEnd,
      Optional<Long> tornAt,
      long firstOfCurrent) {}

  private AuditRecovery(Path current, AuditIndex.Head known, Adoption adoption) {
    this.current = current;
    this.witnessedEnd = known;
    this.adoption = adoption;
  }

  static Found search(Path current, AuditIndex.Head known, Adoption adoption) throws IOException {
    var recovery = new AuditRecovery(current, known, adoption);
    var segments = AuditSegment.all(current);
    for (int i = 0; i < segments.size(); i++) {
      if (!isKnown(segments, i, known)) {
        recovery.read(segments.get(i), known.sequence());
      }
    }
    return recovery.found(known);
  }

  /// Whether the state file knows all of a segment: the next one begins with what it knows.
  private static boolean isKnown(List<AuditSegment> segments, int at, AuditIndex.Head known) {
    return at + 1 < segments.size()
        && segments.get(at + 1).first().filter(next -> next <= known.sequence()).isPresent();
  }

  private void read(AuditSegment segment, long known) throws IOException {
    var from = AuditLines.lastUpTo(segment.file(), known);
    if (from > 0 && segment.file().equals(current)) {
      firstOfCurrent = first(current);
    }
    try (var lines = new AuditLines(segment.file(), from)) {
      for (var line = lines.next(); line.ended() || line.bytes().length > 0; line = lines.next()) {
        var link = line.ended() ? AuditLine.link(line.bytes()) : Optional.<AuditLine.Link>empty();
        if (link.isPresent()) {
          follow(link.get(), line, segment);
        } else if (segment.file().equals(current) && invalidAt.isEmpty()) {
          invalidAt = Optional.of(line.offset());
          invalidHasEnd = line.ended();
        } else {
          invalidHasEnd = line.ended();
        }
      }
    }
  }

  /// The number of the first record of a file that has one.
  private static long first(Path file) throws IOException {
    try (var lines = new AuditLines(file)) {
      for (var line = lines.next(); line.ended(); line = lines.next()) {
        var link = AuditLine.link(line.bytes());
        if (link.isPresent()) {
          return link.get().sequence();
        }
      }
    }
    return 0;
  }

  private void follow(AuditLine.Link link, AuditLines.Line line, AuditSegment segment)
      throws IOException {
    invalidAt = Optional.empty(); // what has a record behind it is not the end
    end = new AuditIndex.Head(link.sequence(), link.hash());
    if (segment.file().equals(current) && firstOfCurrent == 0) {
      firstOfCurrent = link.sequence();
    }
    if (link.sequence() == witnessedEnd.sequence() + 1
        && link.previousHash().equals(witnessedEnd.hash())) {
      adoption.adopt(new String(line.bytes(), StandardCharsets.UTF_8));
      witnessedEnd = end;
    }
  }

  /// What ends the file and is no record is cut off if it is what a crash leaves. A line that the
  /// state file knows and that is no record any more was changed: it stays, unless a new line could
  /// not begin behind it.
  private Found found(AuditIndex.Head known) {
    var isTorn = end.sequence() >= known.sequence() || !invalidHasEnd;
    return new Found(end, witnessedEnd, isTorn ? invalidAt : Optional.empty(), firstOfCurrent);
  }
}
