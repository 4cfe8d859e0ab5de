package io.lumeo.agent.watch;

import io.lumeo.configuration.ReportSettings;
import io.lumeo.policies.RunKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/// Where reports are kept: `reports` in the state folder, readable by its owner and group.
record ReportFolder(Path folder) {

  /// Keeps a report; one of the same name is replaced as a whole.
  ///
  /// @return where it lies
  Path write(RunKey run, ReportSettings.Format format, String text) throws IOException {
    Files.createDirectories(folder);
    var file = folder.resolve(name(run, format));
    var next =
        Files.createTempFile(
            folder,
            ".",
            ".new",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----")));
    try {
      try (var channel = FileChannel.open(next, StandardOpenOption.WRITE)) {
        var bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(next);
    }
    return file;
  }

  private static String name(RunKey run, ReportSettings.Format format) {
    var ending =
        switch (format) {
          case HTML -> ".html";
          case MARKDOWN -> ".md";
        };
    return run.snapshotName("report") + ending;
  }
}
