package io.lumeo.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// A file that is only ever added to: one line for each record, its number and its hash. It can lie
/// on other storage, or be made append-only.
final class AuditAnchor {
  private static final Pattern LINE = Pattern.compile("([0-9]{1,18}) ([0-9a-f]{64})");

  private final Path file;

  AuditAnchor(Path file) {
    this.file = file;
  }

  /// Adds a line, durably. Begins a new one first if a crash has left half a line.
  void add(long sequence, String hash) throws IOException {
    try (var channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      var size = channel.size();
      var last = ByteBuffer.allocate(1);
      var isTorn = size > 0 && channel.read(last, size - 1) == 1 && last.get(0) != '\n';
      var line =
          ByteBuffer.wrap(
              "%s%d %s\n"
                  .formatted(isTorn ? "\n" : "", sequence, hash)
                  .getBytes(StandardCharsets.US_ASCII));
      channel.position(size);
      while (line.hasRemaining()) {
        channel.write(line);
      }
      channel.force(true);
    }
  }

  /// Number → hash of what it was told. Half lines are passed over: what they were to say was never
  /// promised to anybody.
  Map<Long, String> read() throws IOException {
    var hashes = new TreeMap<Long, String>();
    if (Files.exists(file)) {
      try (var lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
        lines.forEach(line -> {
          var parts = LINE.matcher(line);
          if (parts.matches()) {
            hashes.put(Long.parseLong(parts.group(1)), parts.group(2));
          }
        });
      }
    }
    return hashes;
  }
}
