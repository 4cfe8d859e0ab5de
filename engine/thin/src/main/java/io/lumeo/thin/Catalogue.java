package io.lumeo.thin;

import io.lumeo.block.StorageException;
import java.io.Closeable;
import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// Names, sizes, lineage and tags of a pool's devices, and the options it is opened with, in a file
/// beside the pool: what the kernel's format has no place for.
///
/// The file is a journal of lines, each `checksum SPACE record`, where the checksum is the CRC-32C
/// of the record in eight hexadecimal digits and the record is words separated by spaces: `put`
/// with the fields of an entry, `drop` with an id, `options` with the pool's, `rollback` with the
/// fields of the entry that holds once a rollback is in the metadata; or several such records with
/// a semicolon between them, which are there together or not at all. The last record about an id
/// counts. A change appends its lines in one write and makes them durable. When most lines are
/// history, the file is written anew beside itself and renamed.
///
/// A line that fails its checksum was being written when the machine stopped, or was damaged since.
/// Either way it is left out and the others count, each for itself: what a lost line said of a
/// device that exists is asked of the user again, rather than of all devices after it.
///
/// Opening writes nothing; the first change puts the file in order, and one of version 1, which
/// knew neither semicolons nor rollbacks, in this version's.
///
/// Not for many threads: [Volumes] guards it.
final class Catalogue implements Closeable {
  private static final System.Logger LOG = System.getLogger(Catalogue.class.getName());
  private static final String HEADER = "lumeo-catalogue 2";
  private static final String FIRST_HEADER = "lumeo-catalogue 1";

  /// Where the record begins in a line: after the checksum and a space.
  private static final int RECORD = 9;

  /// Lines of history beyond which the file is written anew, when they are also more than the
  /// living entries.
  private static final int MIN_HISTORY_LINES = 256;

  private static final int BLOCK_BYTES = 4096;

  /// Between records of one line; it is encoded in their values.
  private static final String TOGETHER = ";";

  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_.:,/@=-]*");

  /// One device.
  ///
  /// @param creationTime the device's creation time on the pool's snapshot clock: tells whether the
  ///   device with this id is still the one meant, or another that was made outside Lumeo
  /// @param originId the device it was made from, whatever became of it, or null; a journal that an
  ///   older Lumeo wrote has none
  record Entry(Volume volume, long transactionId, int creationTime, @Nullable ThinId originId) {
    /// Whether this was made from the device of `origin`, and not from an older one that had its
    /// name or its number. Every snapshot is a tick of the clock, so it is younger on it than what
    /// it was made from.
    boolean isMadeFrom(Entry origin) {
      return origin.volume().name().equals(volume.origin())
          && origin.creationTime() < creationTime
          && (originId == null || originId.equals(origin.volume().id()));
    }

    Entry withOrigin(String name) {
      return new Entry(volume.withOrigin(name), transactionId, creationTime, originId);
    }
  }

  /// A rollback that may have been cut short by a crash.
  ///
  /// @param entry what holds when it is in the metadata
  /// @param snapshotTime when it is, the device was last snapshotted then
  record Rollback(Entry entry, int snapshotTime) {}

  private final Path file;
  private final Map<ThinId, Entry> entries = new LinkedHashMap<>();

  /// Those of which the end is not written down.
  private final Map<ThinId, Rollback> rollbacks = new LinkedHashMap<>();

  private PoolOptions options = PoolOptions.DEFAULT;

  /// Who the pool is. Of a pool that came without a catalogue it follows from where that would be,
  /// until the first change writes it down.
  private UUID uuid;

  private String lastInstantText = "";
  private Instant lastInstant = Instant.EPOCH;

  /// Open from the first change on.
  private @Nullable FileChannel channel;

  /// Where the next record goes.
  private long end;

  /// Whether the file cannot be appended to: it is not there, a line in its middle is damaged, or a
  /// change failed half-way.
  private boolean unordered;

  /// Whether the file is of another version than this writes, and so is not appended to.
  private boolean old;

  /// How often anything of it was changed, over all of the pool's life. The options' record says
  /// how often before that record and what follows it; so it goes on when the file is written anew.
  private long changeCount;

  private int lines;
  private int mostLines = MIN_HISTORY_LINES;

  private Catalogue(Path file) {
    this.file = file;
    this.uuid = uuidOf(file.toAbsolutePath().toString());
  }

  private static UUID uuidOf(String text) {
    return UUID.nameUUIDFromBytes(("lumeo pool " + text).getBytes(StandardCharsets.UTF_8));
  }

  /// Reads the catalogue; a missing one is empty.
  ///
  /// @throws StorageException.Damaged if the file is something else
  /// @throws StorageException.Unsupported if a newer Lumeo wrote it
  static Catalogue open(Path file) throws IOException {
    var catalogue = new Catalogue(file);
    catalogue.load(Files.exists(file) ? Files.readAllBytes(file) : new byte[0]);
    return catalogue;
  }

  private static Path temporary(Path file) {
    return file.resolveSibling(file.getFileName() + ".new");
  }

  private void load(byte[] content) throws StorageException {
    int damaged = 0;
    for (int begin = 0, next; begin < content.length; begin = next) {
      int stop = begin;
      while (stop < content.length && content[stop] != '\n') {
        stop++;
      }
      next = stop + 1;
      if (stop == content.length || !isWhole(content, begin, stop)) {
        requireCatalogue(begin > 0, content);
        damaged++;
        continue;
      }
      take(new String(content, begin + RECORD, stop - begin - RECORD, StandardCharsets.UTF_8));
      unordered = damaged > 0;
      end = next;
    }
    if (end == 0) {
      unordered = true;
    } else if (unordered) {
      LOG.log(
          System.Logger.Level.WARNING,
          "{0} has {1} damaged lines; what they said is lost",
          file,
          damaged);
    }
  }

  private static boolean isWhole(byte[] content, int begin, int end) {
    if (end - begin <= RECORD || content[begin + RECORD - 1] != ' ') {
      return false;
    }
    var crc = new CRC32C();
    crc.update(content, begin + RECORD, end - begin - RECORD);
    var stored = new String(content, begin, RECORD - 1, StandardCharsets.ISO_8859_1);
    return stored.equals(HexFormat.of().toHexDigits(crc.getValue(), RECORD - 1));
  }

  /// A file whose first line is not ours is foreign, unless it is the beginning of ours.
  private void requireCatalogue(boolean hasHeader, byte[] content) throws StorageException {
    var text = new String(content, StandardCharsets.UTF_8);
    if (!hasHeader && !line(HEADER).startsWith(text) && !line(FIRST_HEADER).startsWith(text)) {
      throw new StorageException.Damaged(
          "%s is not a Lumeo catalogue; move it away, and volumes will appear as thin-<id>"
              .formatted(file));
    }
  }

  private void take(String record) throws StorageException {
    if (lines++ == 0 && !isHeader(record)) {
      throw new StorageException.Damaged(
          "%s does not begin as a Lumeo catalogue; move it away, and volumes will appear as thin-<id>"
              .formatted(file));
    }
    try {
      for (var part : record.split(TOGETHER, -1)) {
        takeRecord(part);
      }
      if (!isHeader(record)) {
        changeCount++;
      }
    } catch (IllegalArgumentException | DateTimeException | IndexOutOfBoundsException e) {
      throw new StorageException.Damaged(
          "line %d of %s cannot be understood (%s); correct it, or move the file away"
              .formatted(lines, file, e.getMessage()),
          e);
    }
  }

  private static boolean isHeader(String record) {
    return record.startsWith("lumeo-catalogue ");
  }

  private void takeRecord(String record) throws StorageException {
    int space = record.indexOf(' ');
    var word = space < 0 ? record : record.substring(0, space);
    switch (word) {
      case "put" -> {
        var entry = entry(fields(record, space));
        keep(entry);
      }
      case "drop" -> forget(new ThinId(Integer.parseInt(record.substring(space + 1))));
      case "rollback" -> {
        var fields = fields(record, space);
        keep(new Rollback(entry(fields), Integer.parseInt(required(fields, "at"))));
      }
      case "options" -> {
        var fields = fields(record, space);
        options = options(fields);
        var changes = fields.get("changes");
        if (changes != null) {
          changeCount = Long.parseLong(changes) - 1;
        }
        if (fields.containsKey("uuid")) {
          uuid = UUID.fromString(required(fields, "uuid"));
        }
      }
      case "lumeo-catalogue" -> {
        old = record.equals(FIRST_HEADER);
        if (!old && !record.equals(HEADER)) {
          throw new StorageException.Unsupported(
              "%s was written by a newer Lumeo (%s); open the pool with that one"
                  .formatted(file, record));
        }
      }
      default ->
          throw new StorageException.Unsupported(
              "%s has a record '%s' unknown here; open the pool with the Lumeo that wrote it"
                  .formatted(file, word));
    }
  }

  private void keep(Entry entry) {
    var id = entry.volume().id();
    entries.put(id, entry);
    rollbacks.remove(id);
  }

  private void keep(Rollback rollback) {
    rollbacks.put(rollback.entry().volume().id(), rollback);
  }

  private void forget(ThinId id) {
    entries.remove(id);
    rollbacks.remove(id);
  }

  // What it says

  Collection<Entry> entries() {
    return Collections.unmodifiableCollection(entries.values());
  }

  @Nullable Entry entry(ThinId id) {
    return entries.get(id);
  }

  /// Rollbacks of which it is to be seen in the metadata whether they were done.
  Collection<Rollback> rollbacks() {
    return List.copyOf(rollbacks.values());
  }

  PoolOptions options() {
    return options;
  }

  UUID uuid() {
    return uuid;
  }

  long changeCount() {
    return changeCount;
  }

  // Changes, each durable on return

  /// Puts the entries, each for itself: a power cut before the return may leave any of them.
  void put(Collection<Entry> changed) throws IOException {
    if (!changed.isEmpty()) {
      put(changed, changed.stream().map(Catalogue::record).toList());
    }
  }

  /// Puts the entries, all or none.
  void putTogether(Collection<Entry> changed) throws IOException {
    var records = changed.stream().map(Catalogue::record).toList();
    put(changed, List.of(String.join(TOGETHER, records)));
  }

  private void put(Collection<Entry> changed, List<String> records) throws IOException {
    write(records);
    changed.forEach(this::keep);
    rewriteIfMostlyHistory();
  }

  /// Puts an entry that holds until the rollback is in the metadata, and says what holds then.
  void put(Entry now, Rollback rollback) throws IOException {
    write(List.of(record(now) + TOGETHER + record(rollback)));
    keep(now);
    keep(rollback);
  }

  /// What holds in place of what is written, as long as the file cannot be changed.
  void assume(Entry entry) {
    entries.put(entry.volume().id(), entry);
  }

  void drop(Collection<ThinId> ids) throws IOException {
    if (ids.isEmpty()) {
      return;
    }
    write(ids.stream().map(id -> "drop " + id).toList());
    ids.forEach(this::forget);
    rewriteIfMostlyHistory();
  }

  void setOptions(PoolOptions changed) throws IOException {
    write(List.of(record(changed, changeCount + 1)));
    options = changed;
  }

  /// The first words about a pool that is made now: no other pool, here or elsewhere, before or
  /// after, is the same one.
  void begin(PoolOptions first, Instant now) throws IOException {
    uuid = uuidOf(file.toAbsolutePath() + " " + now);
    setOptions(first);
  }

  private void write(List<String> records) throws IOException {
    var text = new StringBuilder();
    records.forEach(record -> text.append(line(record)));
    var bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    try {
      if (unordered || old) {
        rewrite(records);
      } else {
        append(bytes);
        lines += records.size();
      }
      changeCount += records.size();
    } catch (StorageException e) {
      throw e;
    } catch (IOException e) {
      throw failure(e, bytes.length);
    }
  }

  /// When this fails, how the file ends is not known any more, and the next change writes it anew.
  private void append(byte[] bytes) throws IOException {
    var to = channel;
    if (to == null) {
      Files.deleteIfExists(temporary(file));
      to = FileChannel.open(file, StandardOpenOption.WRITE);
      channel = to;
    }
    unordered = true;
    try {
      if (to.size() > end) {
        to.truncate(end);
      }
      writeFully(to, bytes, end);
      to.force(false);
    } catch (IOException e) {
      try {
        to.truncate(end);
      } catch (IOException again) {
        e.addSuppressed(again);
      }
      throw e;
    }
    end += bytes.length;
    unordered = false;
  }

  private static void writeFully(FileChannel channel, byte[] bytes, long position)
      throws IOException {
    var buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      channel.write(buffer, position + buffer.position());
    }
  }

  /// A full disk is something that the user can do something about.
  private IOException failure(IOException cause, int lengthBytes) throws IOException {
    var directory = file.toAbsolutePath().getParent();
    if (directory != null
        && Files.exists(directory)
        && Files.getFileStore(directory).getUsableSpace() < lengthBytes + 2 * BLOCK_BYTES) {
      var full =
          new StorageException.OutOfSpace(
              "%s could not be written: its file system is full; free space there and try again"
                  .formatted(file));
      full.initCause(cause);
      return full;
    }
    return new IOException(
        "%s could not be written: %s".formatted(file, cause.getMessage()), cause);
  }

  /// What is changed is durable already, so a failure here is no failure of the change: it is tried
  /// again when there are twice as many lines.
  private void rewriteIfMostlyHistory() {
    int history = lines - entries.size() - rollbacks.size();
    if (lines < mostLines || history < MIN_HISTORY_LINES || history < entries.size()) {
      return;
    }
    try {
      rewrite(List.of());
      mostLines = MIN_HISTORY_LINES;
    } catch (IOException e) {
      mostLines = 2 * lines;
      LOG.log(
          System.Logger.Level.WARNING,
          "{0} could not be written anew and goes on growing: {1}",
          file,
          e.getMessage());
    }
  }

  /// Writes what lives, and `more`, beside the file, and renames that over it.
  private void rewrite(List<String> more) throws IOException {
    int living = entries.size() + rollbacks.size();
    var before = record(options, changeCount - living);
    var text = new StringBuilder(line(HEADER)).append(line(before));
    entries.values().forEach(entry -> text.append(line(record(entry))));
    rollbacks.values().forEach(rollback -> text.append(line(record(rollback))));
    more.forEach(record -> text.append(line(record)));
    var bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    var fresh =
        FileChannel.open(
            temporary(file),
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    try {
      writeFully(fresh, bytes, 0);
      fresh.force(true);
      Files.move(temporary(file), file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      fresh.close();
      Files.deleteIfExists(temporary(file));
      throw e;
    }
    close();
    channel = fresh;
    end = bytes.length;
    lines = 2 + living + more.size();
    unordered = false;
    old = false;
    syncDirectory(file);
  }

  private static void syncDirectory(Path file) throws IOException {
    try (var directory =
        FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
      directory.force(true);
    }
  }

  @Override
  public void close() throws IOException {
    if (channel != null) {
      channel.close();
      channel = null;
    }
  }

  // Records

  private static String line(String record) {
    var crc = new CRC32C();
    crc.update(record.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().toHexDigits(crc.getValue(), RECORD - 1) + ' ' + record + '\n';
  }

  private static String record(Entry entry) {
    return "put" + join(fields(entry));
  }

  private static String record(Rollback rollback) {
    var fields = fields(rollback.entry());
    fields.put("at", Integer.toString(rollback.snapshotTime()));
    return "rollback" + join(fields);
  }

  private static Map<String, String> fields(Entry entry) {
    var volume = entry.volume();
    var fields = new TreeMap<String, String>();
    fields.put("id", volume.id().toString());
    fields.put("name", volume.name());
    fields.put("size", Long.toString(volume.sizeBytes()));
    fields.put("kind", volume.kind().name());
    fields.put("transaction", Long.toString(entry.transactionId()));
    fields.put("time", Integer.toString(entry.creationTime()));
    putIfPresent(fields, "origin", volume.origin());
    putIfPresent(fields, "origin-id", entry.originId());
    putIfPresent(fields, "created", volume.createdAt());
    putIfPresent(fields, "quota", volume.quotaBytes());
    putIfPresent(fields, "external", volume.externalOrigin());
    if (!volume.tags().isEmpty()) {
      fields.put("tags", String.join(",", volume.tags()));
    }
    return fields;
  }

  /// Most devices of a large pool were made in batches, many at one instant.
  private Instant instant(String text) {
    if (!text.equals(lastInstantText)) {
      lastInstant = Instant.parse(text);
      lastInstantText = text;
    }
    return lastInstant;
  }

  private Entry entry(Map<String, String> fields) {
    var created = fields.get("created");
    var quota = fields.get("quota");
    var volume =
        new Volume(
            required(fields, "name"),
            new ThinId(Integer.parseInt(required(fields, "id"))),
            Long.parseLong(required(fields, "size")),
            Volume.Kind.valueOf(required(fields, "kind")),
            fields.get("origin"),
            created == null ? null : instant(created),
            tags(fields.get("tags")),
            quota == null ? null : Long.valueOf(quota),
            fields.get("external"));
    var originId = fields.get("origin-id");
    return new Entry(
        volume,
        Long.parseLong(required(fields, "transaction")),
        Integer.parseInt(required(fields, "time")),
        originId == null ? null : new ThinId(Integer.parseInt(originId)));
  }

  private static SortedSet<String> tags(@Nullable String joined) {
    return joined == null
        ? Collections.emptySortedSet()
        : Collections.unmodifiableSortedSet(new TreeSet<>(List.of(joined.split(","))));
  }

  private String record(PoolOptions options, long changes) {
    var fields = new TreeMap<String, String>();
    fields.put("changes", Long.toString(changes));
    fields.put("uuid", uuid.toString());
    fields.put("low-water-blocks", Long.toString(options.lowWaterBlocks()));
    fields.put("zero", Boolean.toString(options.zeroNewBlocks()));
    fields.put("discard", options.discard().name());
    fields.put("read-only", Boolean.toString(options.readOnly()));
    fields.put("error-if-no-space", Boolean.toString(options.errorIfNoSpace()));
    fields.put("no-space-timeout", options.noSpaceTimeout().toString());
    fields.put("metadata-cache", Long.toString(options.metadataCacheBytes()));
    var extension = options.autoExtension();
    if (extension != null) {
      fields.put("extend-step", Long.toString(extension.stepBytes()));
      fields.put("extend-maximum", Long.toString(extension.maximumBytes()));
    }
    return "options" + join(fields);
  }

  private static PoolOptions options(Map<String, String> fields) {
    var step = fields.get("extend-step");
    return new PoolOptions(
        Long.parseLong(required(fields, "low-water-blocks")),
        Boolean.parseBoolean(required(fields, "zero")),
        DiscardMode.valueOf(required(fields, "discard")),
        Boolean.parseBoolean(required(fields, "read-only")),
        Boolean.parseBoolean(required(fields, "error-if-no-space")),
        Duration.parse(required(fields, "no-space-timeout")),
        step == null
            ? null
            : new AutoExtension(
                Long.parseLong(step), Long.parseLong(required(fields, "extend-maximum"))),
        Long.parseLong(required(fields, "metadata-cache")));
  }

  private static void putIfPresent(Map<String, String> fields, String key, @Nullable Object value) {
    if (value != null) {
      fields.put(key, value.toString());
    }
  }

  private static String required(Map<String, String> fields, String key) {
    var value = fields.get(key);
    if (value == null) {
      throw new IllegalArgumentException("it has no " + key);
    }
    return value;
  }

  private static String join(Map<String, String> fields) {
    var text = new StringBuilder();
    fields.forEach((key, value) -> text.append(' ').append(key).append('=').append(encoded(value)));
    return text.toString();
  }

  /// Values are read by people, and most by nobody else: only what would end a word, or looks
  /// encoded, is encoded.
  private static String encoded(String value) {
    return PLAIN.matcher(value).matches()
        ? value
        : URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  /// The words after the first space, which is at `space`.
  private static Map<String, String> fields(String record, int space) {
    var fields = new HashMap<String, String>();
    for (int begin = space + 1, stop; begin > 0 && begin < record.length(); begin = stop + 1) {
      int next = record.indexOf(' ', begin);
      stop = next < 0 ? record.length() : next;
      int equals = record.indexOf('=', begin);
      fields.put(record.substring(begin, equals), decoded(record.substring(equals + 1, stop)));
    }
    return fields;
  }

  private static String decoded(String value) {
    return value.indexOf('%') < 0 && value.indexOf('+') < 0
        ? value
        : URLDecoder.decode(value, StandardCharsets.UTF_8);
  }
}
