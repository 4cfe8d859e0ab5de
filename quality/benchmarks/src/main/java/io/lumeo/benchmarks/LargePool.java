package io.lumeo.benchmarks;

import io.lumeo.thin.PoolFiles;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;

/// A pool with one thin device that is mapped all over, of any size in no time: its metadata is
/// what `thin_restore` makes of a page of XML, its data file is sparse.
final class LargePool {
  static final String VOLUME = "thin-0";

  private static final int BLOCK_BYTES = 64 << 10;
  private static final int SECTOR_BYTES = 512;

  private LargePool() {}

  /// Makes the pool in `folder`, with as much data free as the device has mapped.
  static PoolFiles make(Path folder, long mappedBytes) throws IOException, InterruptedException {
    var files = PoolFiles.in(Files.createDirectories(folder));
    var mapped = mappedBytes / BLOCK_BYTES;
    var xml = folder.resolve("metadata.xml");
    Files.writeString(
        xml,
        """
        <superblock uuid="" time="0" transaction="0" version="2" data_block_size="%d" nr_data_blocks="%d">
          <device dev_id="0" mapped_blocks="%d" transaction="0" creation_time="0" snap_time="0">
            <range_mapping origin_begin="0" data_begin="0" length="%d" time="0"/>
          </device>
        </superblock>
        """
            .formatted(BLOCK_BYTES / SECTOR_BYTES, 2 * mapped, mapped, mapped));
    sparse(files.metadata(), metadataBytes(mapped));
    sparse(files.data(), 2 * mappedBytes);
    Program.run("thin_restore", "-i", xml.toString(), "-o", files.metadata().toString());
    Files.delete(xml);
    return files;
  }

  /// 48 bytes for a mapping, as the kernel's documentation advises, and room to work in.
  private static long metadataBytes(long mappedBlocks) {
    return mappedBlocks * 48 + (512L << 20) & -4096;
  }

  private static void sparse(Path path, long sizeBytes) throws IOException {
    try (var file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(sizeBytes);
    }
  }
}
