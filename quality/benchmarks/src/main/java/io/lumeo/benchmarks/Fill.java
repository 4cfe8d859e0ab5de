package io.lumeo.benchmarks;

import java.io.IOException;

/// Writes a volume all over with bytes that are not zero.
final class Fill {
  private Fill() {}

  static void all(String uri, long sizeBytes) throws IOException, InterruptedException {
    Program.run(
        "fio",
        "--name=fill",
        "--ioengine=nbd",
        "--uri=" + uri,
        "--rw=write",
        "--bs=1M",
        "--iodepth=8",
        "--size=" + sizeBytes,
        "--end_fsync=1");
  }
}
