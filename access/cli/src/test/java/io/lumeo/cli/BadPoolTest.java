package io.lumeo.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.cli.CommandLineFixture.Outcome;
import io.lumeo.thin.PoolFiles;
import io.lumeo.thin.Volumes;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Files that are not the pool they should be: one clear line, an exit code, nothing changed.
@Timeout(60)
class BadPoolTest {
  private static final int VERSION_OFFSET = 40;
  private static final int INCOMPAT_OFFSET = 360;
  private static final int SUPERBLOCK_SALT = 160774;

  @TempDir Path directory;

  private CommandLineFixture lumeo;
  private Path metadata;
  private Path data;

  @BeforeEach
  void makeAPool() {
    lumeo = new CommandLineFixture(directory);
    metadata = directory.resolve("pool.meta");
    data = directory.resolve("pool.data");
    assertThat(lumeo.run("pool", "create", "--data-size", "64M").exitCode()).isZero();
    assertThat(lumeo.run("volume", "create", "v", "1G").exitCode()).isZero();
  }

  @Test
  void aFileIsNoPoolsFolder() {
    for (var command : new String[] {"volume list", "volume create w 1G", "pool show"}) {
      assertRefused(
          2,
          metadata + " is not a folder; name that of a pool",
          new CommandLineFixture(metadata).run(command.split(" ")));
    }
  }

  private void refused(int exitCode, String message) throws IOException {
    var before = onDisk(directory);
    for (var command : new String[] {"volume list", "volume create w 1G", "pool show"}) {
      assertRefused(exitCode, message, lumeo.run(command.split(" ")));
    }
    assertThat(onDisk(directory)).isEqualTo(before);
  }

  private static void assertRefused(int exitCode, String message, Outcome outcome) {
    assertThat(outcome.err()).startsWith("lumeo: ").contains(message);
    assertThat(outcome.err().lines()).hasSize(1);
    assertThat(outcome.exitCode()).isEqualTo(exitCode);
  }

  /// Every file, the catalogue among them, with what is in it.
  private static Map<String, String> onDisk(Path directory) throws IOException {
    var content = new TreeMap<String, String>();
    try (var all = Files.list(directory)) {
      for (var file : all.toList()) {
        content.put(String.valueOf(file.getFileName()), Long.toHexString(checksum(file)));
      }
    }
    return content;
  }

  private static long checksum(Path file) throws IOException {
    var checksum = new CRC32C();
    checksum.update(Files.readAllBytes(file));
    return checksum.getValue();
  }

  /// Changes the superblock and gives it the right checksum again.
  private void rewrite(int offset, int value) throws IOException {
    try (var file = new RandomAccessFile(metadata.toFile(), "rw")) {
      var block = new byte[4096];
      file.readFully(block);
      var buffer = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN).putInt(offset, value);
      var checksum = new CRC32C();
      checksum.update(block, 4, block.length - 4);
      // The kernel's CRC-32C begins with all ones and does not invert the result.
      buffer.putInt(0, ~(int) checksum.getValue() ^ SUPERBLOCK_SALT);
      file.seek(0);
      file.write(block);
    }
  }

  private static void truncate(Path file, long bytes) throws IOException {
    try (var open = new RandomAccessFile(file.toFile(), "rw")) {
      open.setLength(bytes);
    }
  }

  @Test
  void theChecksumHereIsTheKernels() throws IOException {
    rewrite(VERSION_OFFSET, 2);

    assertThat(lumeo.run("volume", "list").exitCode()).isZero();
  }

  @Test
  void versionsOneAndThreeAreRefused() throws IOException {
    for (int version : new int[] {1, 3}) {
      rewrite(VERSION_OFFSET, version);
      refused(7, "version " + version);
    }
  }

  @Test
  void anUnknownIncompatibleFeatureIsRefused() throws IOException {
    rewrite(INCOMPAT_OFFSET, 0x80);
    refused(7, "feature");
  }

  @Test
  void aDamagedSuperblockIsRefused() throws IOException {
    try (var file = new RandomAccessFile(metadata.toFile(), "rw")) {
      file.seek(100);
      file.write(0xff);
    }
    refused(8, "checksum");
    assertRefused(8, "checksum", lumeo.run("pool", "dump"));
  }

  @Test
  void aForeignFileIsRefused() throws IOException {
    var noise = new byte[1 << 20];
    new Random(1).nextBytes(noise);
    Files.write(metadata, noise);
    refused(8, "not thin-pool metadata");
  }

  @Test
  void anEmptyFileIsRefused() throws IOException {
    truncate(metadata, 0);
    refused(8, "has 0 bytes, too few for a superblock");
  }

  @Test
  void aTruncatedMetadataFileIsRefused() throws IOException {
    truncate(metadata, 1 << 20);
    refused(8, "the metadata device has 256 blocks");
  }

  @Test
  void aShortDataFileIsRefused() throws IOException {
    truncate(data, 1 << 20);
    refused(8, "the data device has 1048576 bytes and the pool needs 67108864");
  }

  @Test
  void aMissingFileIsNamed() throws IOException {
    Files.delete(data);
    refused(3, data.toString());
    Files.delete(metadata);
    refused(3, "there is no pool in " + directory);
  }

  @Test
  void aSecondOpenerIsToldOfTheFirst() throws IOException {
    try (var _ = Volumes.open(PoolFiles.in(directory), null)) {
      refused(5, "pool.meta is in use by this process (" + ProcessHandle.current().pid());
      assertRefused(5, "pool.meta is in use", lumeo.run("pool", "check"));
      assertRefused(5, "pool.meta is in use", lumeo.run("pool", "dump"));
    }
  }

  @Test
  void wrongBlockSizesMakeNoPool(@TempDir Path other) {
    var there = new CommandLineFixture(other);
    for (var size : new String[] {"32K", "96K", "65537", "2G", "0"}) {
      assertRefused(
          2, "block", there.run("pool", "create", "--data-size", "64M", "--block-size", size));
    }
    assertThat(other).isEmptyDirectory();
  }

  @Test
  void tooSmallMakesNoPool(@TempDir Path other) {
    var there = new CommandLineFixture(other);
    assertRefused(2, "holds no data block", there.run("pool", "create", "--data-size", "1K"));
    assertRefused(
        2, "metadata", there.run("pool", "create", "--data-size", "64M", "--meta-size", "4K"));
    assertThat(other).isEmptyDirectory();
  }
}
