package io.lumeo.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.block.FileDevice;
import io.lumeo.testing.KernelRig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Runs the commands of the manual's pages about hosts, in order, on a real LVM: those of `lumeo`
/// manage the guest, all others are run in it.
class EveryCommandAboutHostsIT {
  private static final Path ROOT = Path.of(System.getProperty("lumeo.root")).toAbsolutePath();
  private static final long MIB = 1 << 20;

  @TempDir Path folder;

  @Test
  void thePageAboutLvmDoesWhatItSays() throws IOException {
    var document = Document.read(ROOT.resolve("docs/manual/lvm.md"));
    assertThat(document.steps()).hasSizeGreaterThan(10);
    try (var rig = KernelRig.boot(List.of(disk("sdb", 1500), disk("sdc", 200)))) {
      var host = new HostShell(rig, folder);
      for (var step : document.steps()) {
        var output = host.run(step.commands(), "lvm.md:" + step.line());
        assertThat(step.prints(output))
            .as(
                "lvm.md:%d prints%n%s%nand not%n%s",
                step.line(), output, String.join("\n", step.expected()))
            .isTrue();
      }
    }
  }

  private Path disk(String name, long mib) throws IOException {
    var file = folder.resolve(name);
    FileDevice.create(file, mib * MIB).close();
    return file;
  }
}
