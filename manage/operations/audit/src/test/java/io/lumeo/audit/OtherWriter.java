package io.lumeo.audit;

import io.lumeo.state.Database;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/// A process of its own that adds to a record which another one is writing.
final class OtherWriter {
  private OtherWriter() {}

  /// Starts it: it adds so many records, one after the other.
  static Process start(AuditPlace place, Path state, int count) throws IOException {
    return new ProcessBuilder(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                OtherWriter.class.getName(),
                place.file().toString(),
                place.anchor().orElseThrow().toString(),
                Long.toString(place.rotateAtBytes()),
                state.toString(),
                Integer.toString(count)))
        .redirectErrorStream(true)
        .redirectOutput(new File(state + ".other.log"))
        .start();
  }

  /// What it does.
  public static void main(String[] arguments) throws IOException {
    var place =
        new AuditPlace(
            Path.of(arguments[0]),
            Optional.of(Path.of(arguments[1])),
            Long.parseLong(arguments[2]));
    try (var database = Database.openBeside(Path.of(arguments[3]));
        var log =
            AuditLog.open(
                place, database, InstantSource.system(), new Random(), Redaction.none())) {
      for (int i = 0; i < Integer.parseInt(arguments[4]); i++) {
        log.append(Journal.entry("other." + i));
      }
    }
  }
}
