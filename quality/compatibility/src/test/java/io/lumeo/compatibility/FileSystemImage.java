package io.lumeo.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.block.FileDevice;
import io.lumeo.testing.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/// An ext4 file system in a file of the host, filled and read without being mounted.
final class FileSystemImage {
  private FileSystemImage() {}

  /// Fills a folder with files of many sizes.
  static void fill(Path folder, Random random, int fileCount) throws IOException {
    for (int i = 0; i < fileCount; i++) {
      var parent = Files.createDirectories(folder.resolve("d" + i % 7));
      Files.write(parent.resolve("f" + i), Contents.random(random, random.nextInt(300_000)));
    }
  }

  /// Makes a file system of that size that holds what is in `content`.
  static Path make(Path image, long sizeBytes, Path content) throws IOException {
    FileDevice.create(image, sizeBytes).close();
    Tool.named("mkfs.ext4").run("-q", "-d", content, image).expectSuccess();
    return image;
  }

  /// Fails unless the image is a sound file system that holds exactly the files in `expected`.
  static void expectFiles(Path image, Path expected, Path scratch) throws IOException {
    Tool.named("e2fsck").run("-f", "-n", image).expectSuccess();
    Files.createDirectory(scratch);
    Tool.named("debugfs").run("-R", "rdump / " + scratch, image).expectSuccess();
    assertThat(digests(scratch)).isEqualTo(digests(expected));
  }

  private static Map<String, String> digests(Path folder) throws IOException {
    var found = new TreeMap<String, String>();
    try (var files = Files.walk(folder)) {
      for (var file : files.filter(Files::isRegularFile).toList()) {
        try (var device = FileDevice.open(file, FileDevice.Access.READ_ONLY)) {
          found.put(folder.relativize(file).toString(), Contents.sha256(device));
        }
      }
    }
    return found;
  }
}
