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
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// Names, sizes, lineage and tags of a pool's devices, and the options it is opened with, in a file
/// beside the pool: what the kernel's format has no place for.
///
/// The file is a journal of lines, each `checksum SPACE record`, where the checksum is the CRC-32C
/// of the record in eight hexadecimal digits and the record is words separated by spaces: `put`
/// with the fields of an entry, `drop` with an id, `options` with the pool's. The last record about
/// an id counts. A change appends its lines in one write and makes them durable; a line cut by a
/// crash fails its checksum and is dropped with what follows it. When most lines are history, the
/// file is written anew beside itself and renamed.
///
/// Not for many threads: [Volumes] guards it.
final class Catalogue implements Closeable {
  private static final String HEADER = "lumeo-catalogue 1";

  /// Lines of history beyond which the file is written anew, when they are also more than the
  /// living entries.
  private static final int MIN_HISTORY_LINES = 256;

  /// One device.
  ///
  /// @param creationTime the device's creation time on the pool's snapshot clock: tells whether the
  ///   device with this id is still the one meant, or another that was made outside Lumeo
  record Entry(Volume volume, long transactionId, int creationTime) {}

  private final Path file;
  private final Map<ThinId, Entry> entries = new LinkedHashMap<>();
  private PoolOptions options = PoolOptions.DEFAULT;
  private FileChannel channel;
  private int lines;

  private Catalogue(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /// Opens the catalogue, making an empty one if there is none.
  ///
  /// @param readOnly whether it will not be changed; a missing one is then simply empty
  static Catalogue open(Path file, boolean readOnly) throws IOException {
    if (readOnly) {
      var source = Files.exists(file) ? file : null;
      try (var none =
          FileChannel.open(
              source == null ? Path.of("/dev/null") : source, StandardOpenOption.READ)) {
        var catalogue = new Catalogue(file, none);
        catalogue.load(source == null ? new byte[0] : Files.readAllBytes(source));
        return catalogue;
      }
    }
    Files.deleteIfExists(temporary(file));
    var channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      var catalogue = new Catalogue(file, channel);
      long valid = catalogue.load(Files.readAllBytes(file));
      channel.truncate(valid);
      channel.position(valid);
      if (valid == 0) {
        catalogue.append(List.of(HEADER));
        syncDirectory(file);
      }
      return catalogue;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static Path temporary(Path file) {
    return file.resolveSibling(file.getFileName() + ".new");
  }

  /// Takes in what is valid and returns its length in bytes.
  private long load(byte[] content) throws StorageException {
    int begin = 0;
    while (begin < content.length) {
      int end = begin;
      while (end < content.length && content[end] != '\n') {
        end++;
      }
      if (end == content.length) {
        break;
      }
      var line = new String(content, begin, end - begin, StandardCharsets.UTF_8);
      if (line.length() < 10 || !line.substring(0, 8).equals(checksum(line.substring(9)))) {
        break;
      }
      take(line.substring(9));
      begin = end + 1;
    }
    if (begin == 0 && content.length >= HEADER.length() + 10) {
      throw new StorageException.Damaged(
          "%s is not a Lumeo catalogue; move it away, and volumes will appear as thin-<id>"
              .formatted(file));
    }
    return begin;
  }

  private void take(String record) throws StorageException {
    lines++;
    var words = List.of(record.split(" "));
    switch (words.getFirst()) {
      case "put" -> {
        var entry = entry(fields(words));
        entries.put(entry.volume().id(), entry);
      }
      case "drop" -> entries.remove(new ThinId(Integer.parseInt(words.get(1))));
      case "options" -> options = options(fields(words));
      case "lumeo-catalogue" -> {
        if (!record.equals(HEADER)) {
          throw new StorageException.Unsupported(
              "%s was written by a newer Lumeo (%s); open the pool with that one"
                  .formatted(file, record));
        }
      }
      default ->
          throw new StorageException.Unsupported(
              "%s has a record '%s' unknown here; open the pool with the Lumeo that wrote it"
                  .formatted(file, words.getFirst()));
    }
  }

  // What it says

  Collection<Entry> entries() {
    return Collections.unmodifiableCollection(entries.values());
  }

  @Nullable Entry entry(ThinId id) {
    return entries.get(id);
  }

  PoolOptions options() {
    return options;
  }

  // Changes, each durable on return

  void put(Collection<Entry> changed) throws IOException {
    var records = new ArrayList<String>(changed.size());
    for (var entry : changed) {
      records.add(record(entry));
    }
    append(records);
    changed.forEach(entry -> entries.put(entry.volume().id(), entry));
    rewriteIfMostlyHistory();
  }

  void drop(Collection<ThinId> ids) throws IOException {
    if (ids.isEmpty()) {
      return;
    }
    append(ids.stream().map(id -> "drop " + id).toList());
    ids.forEach(entries::remove);
    rewriteIfMostlyHistory();
  }

  void setOptions(PoolOptions changed) throws IOException {
    append(List.of(record(changed)));
    options = changed;
  }

  private void append(List<String> records) throws IOException {
    long before = channel.position();
    try {
      write(channel, records);
      channel.force(false);
    } catch (IOException e) {
      channel.truncate(before);
      channel.position(before);
      throw new IOException(
          "%s could not be written (%s); free space on its file system and try again"
              .formatted(file, e.getMessage()),
          e);
    }
    lines += records.size();
  }

  private static void write(FileChannel channel, List<String> records) throws IOException {
    var text = new StringBuilder();
    for (var record : records) {
      text.append(checksum(record)).append(' ').append(record).append('\n');
    }
    var bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  private void rewriteIfMostlyHistory() throws IOException {
    int history = lines - entries.size();
    if (history < MIN_HISTORY_LINES || history < entries.size()) {
      return;
    }
    var records = new ArrayList<String>(entries.size() + 2);
    records.add(HEADER);
    records.add(record(options));
    entries.values().forEach(entry -> records.add(record(entry)));
    var fresh =
        FileChannel.open(
            temporary(file),
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    try {
      write(fresh, records);
      fresh.force(true);
      Files.move(temporary(file), file, StandardCopyOption.ATOMIC_MOVE);
      syncDirectory(file);
    } catch (IOException e) {
      fresh.close();
      throw e;
    }
    channel.close();
    channel = fresh;
    lines = records.size();
  }

  private static void syncDirectory(Path file) throws IOException {
    try (var directory =
        FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
      directory.force(true);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  // Records

  private static String checksum(String record) {
    var crc = new CRC32C();
    crc.update(record.getBytes(StandardCharsets.UTF_8));
    return "%08x".formatted(crc.getValue());
  }

  private static String record(Entry entry) {
    var volume = entry.volume();
    var fields = new TreeMap<String, String>();
    fields.put("id", volume.id().toString());
    fields.put("name", volume.name());
    fields.put("size", Long.toString(volume.sizeBytes()));
    fields.put("kind", volume.kind().name());
    fields.put("transaction", Long.toString(entry.transactionId()));
    fields.put("time", Integer.toString(entry.creationTime()));
    putIfPresent(fields, "origin", volume.origin());
    putIfPresent(fields, "created", volume.createdAt());
    putIfPresent(fields, "quota", volume.quotaBytes());
    putIfPresent(fields, "external", volume.externalOrigin());
    if (!volume.tags().isEmpty()) {
      fields.put("tags", String.join(",", volume.tags()));
    }
    return "put" + join(fields);
  }

  private static Entry entry(Map<String, String> fields) {
    var created = fields.get("created");
    var quota = fields.get("quota");
    var volume =
        new Volume(
            required(fields, "name"),
            new ThinId(Integer.parseInt(required(fields, "id"))),
            Long.parseLong(required(fields, "size")),
            Volume.Kind.valueOf(required(fields, "kind")),
            fields.get("origin"),
            created == null ? null : Instant.parse(created),
            tags(fields.get("tags")),
            quota == null ? null : Long.valueOf(quota),
            fields.get("external"));
    return new Entry(
        volume,
        Long.parseLong(required(fields, "transaction")),
        Integer.parseInt(required(fields, "time")));
  }

  private static SortedSet<String> tags(@Nullable String joined) {
    return Collections.unmodifiableSortedSet(
        joined == null ? new TreeSet<>() : new TreeSet<>(List.of(joined.split(","))));
  }

  private static String record(PoolOptions options) {
    var fields = new TreeMap<String, String>();
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
      throw new IllegalStateException("a catalogue record with a good checksum has no " + key);
    }
    return value;
  }

  private static String join(Map<String, String> fields) {
    var text = new StringBuilder();
    fields.forEach((key, value) ->
        text.append(' ')
            .append(key)
            .append('=')
            .append(URLEncoder.encode(value, StandardCharsets.UTF_8)));
    return text.toString();
  }

  private static Map<String, String> fields(List<String> words) {
    var fields = new TreeMap<String, String>();
    for (var word : words.subList(1, words.size())) {
      int equals = word.indexOf('=');
      fields.put(
          word.substring(0, equals),
          URLDecoder.decode(word.substring(equals + 1), StandardCharsets.UTF_8));
    }
    return fields;
  }
}
