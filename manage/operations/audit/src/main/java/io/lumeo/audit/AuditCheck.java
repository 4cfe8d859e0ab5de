package io.lumeo.audit;

import io.lumeo.state.Database;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Follows the chain from its first record and asks the witnesses about each: any change, cut,
/// insertion and exchange is found, and the first line that shows it named.
///
/// The chain alone shows changes in the middle. That its end was not cut, and that it was not
/// written anew from some record on, only the witnesses know: the state file and the anchor.
final class AuditCheck {
  private static final int WITNESSES_AT_ONCE = 100;

  private final AuditPlace place;
  private final Optional<AuditIndex> index;
  private final AuditIndex.Head head;
  private final Map<Long, String> anchored;
  private Map<Long, String> indexed = Map.of();

  private long sequence;
  private String hash = Sha256.NONE;
  private long unfinishedBytes;
  private Path lastFile;
  private long lastLine;

  private AuditCheck(AuditPlace place, Optional<AuditIndex> index) throws IOException {
    this.place = place;
    this.index = index;
    // Before the files: what is written while we read has no witness yet, and needs none.
    this.head = index.map(AuditIndex::head).orElse(AuditIndex.Head.NONE);
    this.anchored =
        place.anchor().isPresent() ? new AuditAnchor(place.anchor().get()).read() : Map.of();
    this.lastFile = place.file();
  }

  /// Looks twice before it says that something is broken: while we read, the process that writes
  /// may have gone on in a new file. What somebody has changed is still so the second time.
  static Verification of(AuditPlace place, Optional<Database> state) throws IOException {
    var first = new AuditCheck(place, state.map(AuditIndex::view)).run();
    return first instanceof Verification.Broken
        ? new AuditCheck(place, state.map(AuditIndex::view)).run()
        : first;
  }

  private Verification run() throws IOException {
    List<AuditSegment> segments = AuditSegment.all(place.file());
    for (var segment : segments) {
      var broken = follow(segment);
      if (broken.isPresent()) {
        return broken.get();
      }
    }
    var witnessed =
        Math.max(head.sequence(), anchored.keySet().stream().mapToLong(n -> n).max().orElse(0));
    if (witnessed > sequence) {
      return new Verification.Broken(
          lastFile,
          lastLine + 1,
          "is missing: the record ends with %d, and there were %d".formatted(sequence, witnessed));
    }
    return new Verification.Intact(sequence, sequence - witnessed, unfinishedBytes);
  }

  private Optional<Verification> follow(AuditSegment segment) throws IOException {
    lastFile = segment.file();
    lastLine = 0;
    if (segment.first().isPresent() && segment.first().get() != sequence + 1) {
      return broken(
          "is to be record %d by its file's name, and %d is due"
              .formatted(segment.first().get(), sequence + 1));
    }
    try (var lines = new AuditLines(segment.file())) {
      for (var line = lines.next(); line.ended() || line.bytes().length > 0; line = lines.next()) {
        if (!line.ended() && isUnfinished(segment)) {
          unfinishedBytes = line.bytes().length;
          return Optional.empty();
        }
        var broken = line.ended() ? follow(line.bytes()) : broken("has no end");
        if (broken.isPresent()) {
          return broken;
        }
        lastLine++;
      }
    }
    return Optional.empty();
  }

  /// Half a line is what a crash leaves, unless somebody had already been told of the whole one.
  private boolean isUnfinished(AuditSegment segment) {
    return segment.first().isEmpty()
        && head.sequence() <= sequence
        && !anchored.containsKey(sequence + 1);
  }

  private Optional<Verification> follow(byte[] line) {
    var link = AuditLine.link(line);
    if (link.isEmpty()) {
      return broken("was changed: its hash is not that of its text");
    }
    var found = link.get();
    if (found.sequence() != sequence + 1) {
      return broken("is record %d, and %d is due".formatted(found.sequence(), sequence + 1));
    }
    if (!found.previousHash().equals(hash)) {
      return broken("does not follow from the record before it");
    }
    if (!found.hash().equals(indexedHash(found.sequence(), found.hash()))) {
      return broken("is not what the state file knows as record " + found.sequence());
    }
    if (!found.hash().equals(anchored.getOrDefault(found.sequence(), found.hash()))) {
      return broken("is not what the anchor knows as record " + found.sequence());
    }
    sequence = found.sequence();
    hash = found.hash();
    return Optional.empty();
  }

  private String indexedHash(long number, String otherwise) {
    if (index.isEmpty() || number > head.sequence()) {
      return otherwise;
    }
    if (!indexed.containsKey(number)) {
      indexed = index.get().hashes(number, WITNESSES_AT_ONCE);
    }
    return indexed.getOrDefault(number, otherwise);
  }

  private Optional<Verification> broken(String problem) {
    return Optional.of(new Verification.Broken(lastFile, lastLine + 1, problem));
  }
}
