package io.lumeo.audit;

import io.lumeo.state.Database;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;

/// The record of every decision, refused and dry ones too: lines of JSON, each with the hash of the
/// one before. A record is durable when [#append] returns: first in the file, then in the state
/// file, then at the anchor. Safe for use by several threads, and by several processes: each adds
/// in its turn, behind what the others have added meanwhile.
///
/// Whoever can write the files can write a new chain; whoever can write only some of them is found
/// out by [#verify].
public final class AuditLog implements AutoCloseable {
  private static final int MAX_TEXT = 16 << 10;
  private static final int ADOPTED_AT_ONCE = 100;

  private final AuditPlace place;
  private final AuditIndex index;
  private final Optional<AuditAnchor> anchor;
  private final Optional<Database> state;
  private final InstantSource clock;
  private final Ulids ids;
  private final Redaction redaction;
  private final ReentrantLock writing = new ReentrantLock();

  private final AuditFile file;

  /// Lines that are in the file and not in the state file yet.
  private final List<String> notIndexed = new ArrayList<>();

  private AuditIndex.Head head;

  /// Whether what is known here is what was in the files after our last turn.
  private boolean isUpToDate;

  /// The number of the current file's first record.
  private long first;

  private AuditLog(
      AuditPlace place,
      Database state,
      InstantSource clock,
      RandomGenerator random,
      Redaction redaction)
      throws IOException {
    this.place = place;
    this.index = AuditIndex.open(state);
    this.anchor = place.anchor().map(AuditAnchor::new);
    this.state = Optional.of(state);
    this.clock = clock;
    this.ids = new Ulids(random);
    this.redaction = redaction;
    this.head = index.head();
    this.file = new AuditFile(place.file());
  }

  /// Opens the record for writing, and begins it if there is none. What a crash has left is put
  /// right and noted in the record itself; what somebody has changed is noted and left as it is.
  ///
  /// @param state the state file, open for writing
  /// @param random makes ids unique
  /// @param redaction takes secrets out of every text
  /// @throws IOException if the files cannot be read or written
  public static AuditLog open(
      AuditPlace place,
      Database state,
      InstantSource clock,
      RandomGenerator random,
      Redaction redaction)
      throws IOException {
    // Others may be adding: what looks torn outside of a turn is a line that is being written.
    try (var _ = AuditTurn.take(place.file())) {
      var log = new AuditLog(place, state, clock, random, redaction);
      try {
        log.recover();
        return log;
      } catch (IOException | RuntimeException e) {
        log.close();
        throw e;
      }
    }
  }

  /// Adds a record.
  ///
  /// @throws IOException if it is not durable everywhere; then whatever it is about must not be
  ///   done either
  public AuditRecord append(AuditEntry entry) throws IOException {
    writing.lock();
    try (var _ = AuditTurn.take(place.file())) {
      catchUp();
      return add(redacted(entry));
    } catch (IOException e) {
      throw new IOException(
          "cannot record '%s' in %s: %s; free some space or mend the file, nothing is done until then"
              .formatted(entry.verb(), place.file(), e.getMessage()),
          e);
    } finally {
      writing.unlock();
    }
  }

  /// Reads what others have added since our last turn, and puts right what a crash of theirs left.
  private void catchUp() throws IOException {
    if (isUpToDate && file.isAsLeft()) {
      return;
    }
    isUpToDate = false;
    file.reopen();
    notIndexed.clear();
    head = index.head();
    recover();
  }

  private AuditRecord add(AuditEntry entry) throws IOException {
    if (file.sizeBytes() >= place.rotateAtBytes()) {
      file.rotate(AuditSegment.full(place.file(), first));
    }
    var sequence = head.sequence() + 1;
    if (file.sizeBytes() == 0) {
      first = sequence;
    }
    var time = clock.instant();
    var id = ids.next(time);
    var line = AuditLine.write(sequence, id, time, entry, head.hash());
    if (line.length > AuditLine.MAX_BYTES) {
      line = AuditLine.write(sequence, id, time, shortened(entry, line.length), head.hash());
    }
    file.add(line);
    var text = new String(line, StandardCharsets.UTF_8);
    var added = AuditLine.read(text);
    head = new AuditIndex.Head(sequence, added.hash());
    notIndexed.add(text);
    index();
    if (anchor.isPresent()) {
      anchor.get().add(sequence, added.hash());
    }
    return added;
  }

  /// Tells the state file what the file has and it does not know.
  private void index() throws IOException {
    try {
      index.add(notIndexed);
    } catch (RuntimeException e) {
      throw new IOException("the state file refuses it: " + e.getMessage(), e);
    }
    notIndexed.clear();
  }

  /// The records that fit.
  public List<AuditRecord> find(AuditQuery query) {
    return index.find(query);
  }

  /// Checks the whole record. Nothing is added meanwhile by this process; what others add is right.
  ///
  /// @throws IOException if the files cannot be read
  public Verification verify() throws IOException {
    writing.lock();
    try {
      return AuditCheck.of(place, state);
    } finally {
      writing.unlock();
    }
  }

  /// Checks a record, beside the process that writes it or without one.
  ///
  /// @param state the state file; without it only the chain and the anchor are looked at
  /// @throws IOException if the files cannot be read
  public static Verification verify(AuditPlace place, Optional<Database> state) throws IOException {
    return AuditCheck.of(place, state);
  }

  /// Puts right what a crash has left, and notes it; what is worse than a crash is only noted.
  private void recover() throws IOException {
    var found = AuditRecovery.search(place.file(), head, this::adopt);
    first = found.firstOfCurrent();
    var adopted = found.witnessedEnd().sequence() - head.sequence();
    var isDamaged = !found.end().equals(found.witnessedEnd());
    head =
        found.end().sequence() > found.witnessedEnd().sequence()
            ? found.end()
            : found.witnessedEnd();
    index();
    var kept =
        found.tornAt().isPresent()
            ? Optional.of(file.cutOff(found.tornAt().get(), head.sequence() + 1))
            : Optional.<Path>empty();
    if (isDamaged) {
      add(
          note(
              "audit.damaged",
              AuditResult.FAILED,
              "the record does not continue to where the state file knows it; run lumeo audit"
                  + " verify"));
    }
    if (kept.isPresent()) {
      add(
          note(
              "audit.repaired",
              AuditResult.DONE,
              "an unfinished line was moved to " + kept.get().getFileName()));
    }
    if (adopted > 0) {
      add(
          note(
              "audit.recovered",
              AuditResult.DONE,
              "the state file did not know the last %d records".formatted(adopted)));
    }
    isUpToDate = true;
  }

  private void adopt(String line) throws IOException {
    notIndexed.add(line);
    if (notIndexed.size() >= ADOPTED_AT_ONCE) {
      index();
    }
  }

  private AuditEntry note(String verb, AuditResult result, String reason) {
    return AuditEntry.of("agent", "local", verb, result, reason);
  }

  private AuditEntry redacted(AuditEntry entry) {
    return new AuditEntry(
        clean(entry.actor()),
        clean(entry.source()),
        clean(entry.verb()),
        entry.targets().stream().map(this::clean).toList(),
        clean(entry.decision()),
        entry.executed().stream()
            .map(command ->
                new Executed(
                    command.argv().stream().map(this::clean).toList(),
                    command.exit(),
                    command.duration()))
            .toList(),
        entry.duration(),
        clean(entry.before()),
        clean(entry.after()),
        entry.backup().map(this::clean),
        entry.result(),
        clean(entry.reason()));
  }

  private SortedMap<String, String> clean(SortedMap<String, String> map) {
    var cleaned = new TreeMap<String, String>();
    map.forEach((key, value) -> cleaned.put(clean(key), clean(value)));
    return cleaned;
  }

  private String clean(String text) {
    var redacted = redaction.redact(text);
    return redacted.length() <= MAX_TEXT
        ? redacted
        : "%s… (%d characters)".formatted(redacted.substring(0, MAX_TEXT), redacted.length());
  }

  /// What is kept of an entry that is too long for a line.
  private static AuditEntry shortened(AuditEntry entry, int lengthBytes) {
    return new AuditEntry(
        entry.actor(),
        entry.source(),
        entry.verb(),
        entry.targets().stream()
            .limit(200)
            .map(target -> target.substring(0, Math.min(100, target.length())))
            .toList(),
        entry.decision(),
        List.of(),
        entry.duration(),
        new TreeMap<>(),
        new TreeMap<>(),
        entry.backup(),
        entry.result(),
        "%s (shortened: it was %d bytes, of %d targets and %d commands)"
            .formatted(
                entry.reason(), lengthBytes, entry.targets().size(), entry.executed().size()));
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
