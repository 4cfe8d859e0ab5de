package io.lumeo.forecasts;

import java.util.Arrays;
import java.util.List;

/// What the kernel counts of a block device since it appeared: the fields of `/sys/block/*/stat`,
/// and of a line of `/proc/diskstats` after its first three.
///
/// Source: the kernel's Documentation/admin-guide/iostats.rst. Sectors are of 512 bytes whatever
/// the device's are. Times are milliseconds in 32 bits: they begin anew after 49 days of work.
///
/// @param readMillis summed over all requests, so that it can pass faster than time
/// @param inFlight requests under way at this moment: not a counter
/// @param busyMillis during which anything was under way
/// @param queueMillis requests under way, summed over time
public record DiskCounters(
    long reads,
    long readSectors,
    long readMillis,
    long writes,
    long writtenSectors,
    long writeMillis,
    long inFlight,
    long busyMillis,
    long queueMillis) {
  private static final int FEWEST_FIELDS = 11;
  private static final int NAME_FIELDS = 3;

  /// The counters of one line of `/proc/diskstats`.
  ///
  /// @param device its number as `major:minor`
  /// @param name the kernel's: `dm-3`, `nvme0n1`
  public record Named(String device, String name, DiskCounters counters) {}

  /// Reads the text of a `/sys/block/*/stat`. Fields that newer kernels add are not needed.
  ///
  /// @throws IllegalArgumentException if it is not such a text
  public static DiskCounters parseStat(String text) {
    return of(fields(text), text);
  }

  /// Reads one line of `/proc/diskstats`.
  ///
  /// @throws IllegalArgumentException if it is not such a line
  public static Named parseDiskstats(String line) {
    var fields = fields(line);
    if (fields.size() < NAME_FIELDS + FEWEST_FIELDS) {
      throw notCounters(line);
    }
    return new Named(
        fields.get(0) + ":" + fields.get(1),
        fields.get(2),
        of(fields.subList(NAME_FIELDS, fields.size()), line));
  }

  private static List<String> fields(String text) {
    return Arrays.stream(text.strip().split("\\s+")).toList();
  }

  private static DiskCounters of(List<String> fields, String text) {
    if (fields.size() < FEWEST_FIELDS) {
      throw notCounters(text);
    }
    var values = new long[FEWEST_FIELDS];
    try {
      for (var i = 0; i < values.length; i++) {
        values[i] = Long.parseUnsignedLong(fields.get(i));
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(notCounters(text).getMessage(), e);
    }
    return new DiskCounters(
        values[0],
        values[2],
        values[3],
        values[4],
        values[6],
        values[7],
        values[8],
        values[9],
        values[10]);
  }

  private static IllegalArgumentException notCounters(String text) {
    return new IllegalArgumentException(
        "\"%s\" does not hold the counters of a block device; the kernel writes at least %d numbers"
            .formatted(text.strip(), FEWEST_FIELDS));
  }
}
