package io.lumeo.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.cli.Console;
import io.lumeo.cli.Lumeo;
import io.lumeo.cli.PoolConnector;
import io.lumeo.testing.MetadataFile;
import io.lumeo.thin.PoolFiles;
import io.lumeo.thin.PoolOptions;
import io.lumeo.thin.Volumes;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.io.Reader;
import java.io.StringWriter;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What `lumeo up` does with files that are not the pool they should be: it says so in one line,
/// ends with the documented code, and leaves the files, the names among them, as they were.
@Timeout(60)
class UpBadPoolTest {
  private static final int MIB = 1 << 20;

  @TempDir Path directory;

  private PoolFiles files;
  private MetadataFile metadata;

  @BeforeEach
  void makeAPool() throws IOException {
    files = PoolFiles.in(directory);
    metadata = new MetadataFile(files.metadata());
    var format = new Volumes.Format(64 << 10, 8L * MIB, 0, PoolOptions.DEFAULT);
    try (var volumes = Volumes.create(files, format)) {
      volumes.createVolume("v", 1L << 30, Set.of("kept"), null, null);
      try (var device = volumes.open("v");
          var arena = Arena.ofConfined()) {
        device.write(0, arena.allocate(65536).fill((byte) 7));
        device.flush();
      }
    }
  }

  private void refused(int exitCode, String message) throws IOException {
    var before = onDisk();
    var out = new StringWriter();
    var err = new StringWriter();
    var console =
        new Console(
            new BufferedReader(Reader.nullReader()),
            new PrintWriter(out),
            new PrintWriter(err),
            () -> false,
            "lumeo");
    String[] words = {"up", directory.toString(), "--nbd", "unix", "--rest", "0"};

    int ended =
        Lumeo.commandLine(
                new PoolConnector(), console, Main.entries(console, new Shutdown()), words)
            .execute(words);

    assertThat(err.toString()).startsWith("lumeo: ").contains(message).hasLineCount(1);
    assertThat(out.toString()).isEmpty();
    assertThat(ended).isEqualTo(exitCode);
    assertThat(onDisk()).isEqualTo(before);
  }

  private Map<String, String> onDisk() throws IOException {
    var content = new TreeMap<String, String>();
    try (var all = Files.list(directory)) {
      for (var file : all.toList()) {
        content.put(
            String.valueOf(file.getFileName()), HexFormat.of().formatHex(Files.readAllBytes(file)));
      }
    }
    return content;
  }

  private static void truncate(Path file, long bytes) throws IOException {
    try (var open = new RandomAccessFile(file.toFile(), "rw")) {
      open.setLength(bytes);
    }
  }

  @Test
  void versionsOneAndThreeAreRefused() throws IOException {
    for (int version : new int[] {1, 3}) {
      metadata.setInSuperblock(MetadataFile.VERSION, version);
      refused(7, "version " + version);
    }
  }

  @Test
  void anUnknownIncompatibleFeatureIsRefused() throws IOException {
    metadata.setInSuperblock(MetadataFile.INCOMPATIBLE_FEATURES, 0x80);
    refused(7, "feature");
  }

  @Test
  void aDamagedSuperblockIsRefused() throws IOException {
    metadata.damage(100);
    refused(8, "checksum");
  }

  @Test
  void aForeignFileIsRefused() throws IOException {
    var noise = new byte[MIB];
    new Random(1).nextBytes(noise);
    Files.write(files.metadata(), noise);
    refused(8, "not thin-pool metadata");
  }

  @Test
  void anEmptyFileIsRefused() throws IOException {
    truncate(files.metadata(), 0);
    refused(8, "has 0 bytes, too few for a superblock");
  }

  @Test
  void truncatedMetadataAreRefused() throws IOException {
    truncate(files.metadata(), 64 << 10);
    refused(8, "the metadata device has 16 blocks");
  }

  @Test
  void shortDataAreRefused() throws IOException {
    truncate(files.data(), MIB);
    refused(8, "the data device has 1048576 bytes and the pool needs 8388608");
  }

  @Test
  void aMissingFileIsNamed() throws IOException {
    Files.delete(files.data());
    refused(3, files.data().toString());
  }

  @Test
  void dataWithoutMetadataAreNoReasonForANewPool() throws IOException {
    Files.delete(files.metadata());
    refused(3, files.metadata().toString());
  }
}
