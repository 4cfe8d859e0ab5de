package io.lumeo.forecasts;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a block device did between two looks at its counters.
///
/// @param readIops completed reads per second
/// @param readLatencySeconds from issue to completion, as a mean; null when no read completed
/// @param writeLatencySeconds the same for writes
/// @param queueDepth requests under way, as a mean over the time; at 1 and above the device always
///   had something to do
/// @param busy the share of the time in which anything was under way, 0 to 1
public record DiskRates(
    double readIops,
    double writeIops,
    double readBytesPerSecond,
    double writeBytesPerSecond,
    @Nullable Double readLatencySeconds,
    @Nullable Double writeLatencySeconds,
    double queueDepth,
    double busy) {
  private static final int SECTOR_BYTES = 512;
  private static final long WRAP = 1L << 32;

  /// The rates between two looks, or nothing when there is no telling: no time has passed, or the
  /// counters began anew because the device was made again under its name.
  public static Optional<DiskRates> between(
      DiskCounters earlier, DiskCounters later, Duration elapsed) {
    var reads = passed(earlier.reads(), later.reads());
    var writes = passed(earlier.writes(), later.writes());
    var readSectors = passed(earlier.readSectors(), later.readSectors());
    var writtenSectors = passed(earlier.writtenSectors(), later.writtenSectors());
    var readMillis = passed(earlier.readMillis(), later.readMillis());
    var writeMillis = passed(earlier.writeMillis(), later.writeMillis());
    var busyMillis = passed(earlier.busyMillis(), later.busyMillis());
    var queueMillis = passed(earlier.queueMillis(), later.queueMillis());
    var beganAnew =
        reads < 0
            || writes < 0
            || readSectors < 0
            || writtenSectors < 0
            || readMillis < 0
            || writeMillis < 0
            || busyMillis < 0
            || queueMillis < 0;
    if (beganAnew || elapsed.toMillis() <= 0) {
      return Optional.empty();
    }
    var seconds = elapsed.toMillis() / 1000.0;
    return Optional.of(
        new DiskRates(
            reads / seconds,
            writes / seconds,
            readSectors * SECTOR_BYTES / seconds,
            writtenSectors * SECTOR_BYTES / seconds,
            latency(readMillis, reads),
            latency(writeMillis, writes),
            queueMillis / 1000.0 / seconds,
            Math.min(1, busyMillis / 1000.0 / seconds)));
  }

  /// By how much a counter went on, or -1 when it began anew. One that fell from the upper half of
  /// 32 bits to the lower has wrapped: the kernel keeps times, and on small machines everything, in
  /// 32 bits.
  private static long passed(long earlier, long later) {
    if (later >= earlier) {
      return later - earlier;
    }
    var wrapped = earlier >= WRAP / 2 && earlier < WRAP && later < WRAP / 2;
    return wrapped ? later + WRAP - earlier : -1;
  }

  private static @Nullable Double latency(long millis, long requests) {
    return requests == 0 ? null : (Double) (millis / 1000.0 / requests);
  }

  /// Completed reads and writes per second.
  public double iops() {
    return readIops + writeIops;
  }

  /// The mean latency of reads and writes together, or null when none completed.
  public @Nullable Double latencySeconds() {
    if (iops() == 0) {
      return null;
    }
    var reading = readLatencySeconds == null ? 0 : readLatencySeconds * readIops;
    var writing = writeLatencySeconds == null ? 0 : writeLatencySeconds * writeIops;
    return (reading + writing) / iops();
  }
}
