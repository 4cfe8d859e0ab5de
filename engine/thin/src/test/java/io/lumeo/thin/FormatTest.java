package io.lumeo.thin;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.block.BlockDevice;
import io.lumeo.block.MemoryDevice;
import io.lumeo.testing.SeededTest;
import io.lumeo.testing.ThinTools;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;

/// Random histories beside a model. After each commit the metadata is given to thin_check 1.x,
/// which must find nothing, and to its thin_dump, which must say what the model and our own dump
/// say, and of a metadata snapshot what the model was when it was taken.
class FormatTest {
  private static final long METADATA_BYTES = 2 << 20;
  private static final int COMMITS = 16;

  @TempDir private Path folder;

  @SeededTest(seeds = 8)
  void theToolsAcceptEveryCommitAndSeeWhatTheModelSays(Random random) throws IOException {
    var image = folder.resolve("metadata");
    try (var metadata = new MemoryDevice(METADATA_BYTES)) {
      var model = new SharingModel(random, metadata, new ForgetfulDevice(3000L << 16));
      try {
        for (int commit = 0; commit < COMMITS; commit++) {
          model.nextCommit();
          save(metadata, image);
          ThinTools.expectClean(image);
          var theirs = ThinDump.parse(ThinTools.dump(image));
          model.check(theirs);
          if (model.isHeld()) {
            var held = ThinTools.tool("thin_dump").run("-m", image).expectSuccess().stdout();
            model.checkHeld(ThinDump.parse(held));
          }
          assertThat(ThinDump.parse(ThinDump.ours(image))).isEqualTo(theirs);
          PoolModelTest.assertSound(metadata);
        }
        model.close();
      } catch (IOException | RuntimeException | AssertionError e) {
        throw new AssertionError(e.getMessage() + "\n" + String.join("\n", model.log), e);
      }
    }
  }

  static void save(BlockDevice device, Path file) throws IOException {
    var bytes = new byte[(int) device.sizeBytes()];
    device.read(0, MemorySegment.ofArray(bytes));
    Files.write(file, bytes);
  }
}
