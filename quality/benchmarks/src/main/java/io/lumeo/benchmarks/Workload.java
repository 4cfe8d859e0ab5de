package io.lumeo.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// What fio does to an export, at queue depth 32 over one connection: in fio's words a pattern and
/// a block size, and what the volume is like when it begins.
enum Workload {
  RANDOM_READ("4 KiB random read", "randread", 4096, Ground.MAPPED),
  RANDOM_WRITE("4 KiB random write", "randwrite", 4096, Ground.MAPPED),
  SEQUENTIAL_READ("256 KiB sequential read", "read", 256 << 10, Ground.MAPPED),
  SEQUENTIAL_WRITE("256 KiB sequential write", "write", 256 << 10, Ground.MAPPED),
  FIRST_WRITE("4 KiB random first write", "randwrite", 4096, Ground.EMPTY),
  FIRST_SEQUENTIAL_WRITE("256 KiB sequential first write", "write", 256 << 10, Ground.EMPTY),
  WRITE_AFTER_SNAPSHOT(
      "4 KiB random write just after a snapshot", "randwrite", 4096, Ground.SNAPSHOTTED),
  SEQUENTIAL_WRITE_AFTER_SNAPSHOT(
      "256 KiB sequential write just after a snapshot", "write", 256 << 10, Ground.SNAPSHOTTED);

  /// What a volume is like when a workload begins.
  enum Ground {
    /// Written all over.
    MAPPED,
    /// Never written.
    EMPTY,
    /// Written all over, then snapshotted, and not written since.
    SNAPSHOTTED
  }

  /// Where fio's terse output, version 3, has the requests per second of reads and of writes.
  private static final int READ_IOPS = 7;

  private static final int WRITE_IOPS = 48;

  final String title;
  final Ground ground;
  private final String pattern;
  private final int blockBytes;

  Workload(String title, String pattern, int blockBytes, Ground ground) {
    this.title = title;
    this.pattern = pattern;
    this.blockBytes = blockBytes;
    this.ground = ground;
  }

  /// Runs it for `seconds`, or until every block was written once where that is the point; returns
  /// requests per second.
  double run(String uri, long sizeBytes, int seconds) throws IOException, InterruptedException {
    var command =
        new ArrayList<>(
            List.of(
                "fio",
                "--name=" + this,
                "--ioengine=nbd",
                "--uri=" + uri,
                "--rw=" + pattern,
                "--bs=" + blockBytes,
                "--iodepth=32",
                "--size=" + sizeBytes,
                "--runtime=" + seconds,
                "--randrepeat=0",
                "--output-format=terse",
                "--terse-version=3"));
    if (ground == Ground.MAPPED) {
      command.add("--time_based");
    }
    var output = Program.run(command.toArray(String[]::new));
    var fields =
        output
            .lines()
            .filter(line -> line.startsWith("3;"))
            .findFirst()
            .orElseThrow()
            .split(";", -1);
    return Double.parseDouble(fields[READ_IOPS]) + Double.parseDouble(fields[WRITE_IOPS]);
  }
}
