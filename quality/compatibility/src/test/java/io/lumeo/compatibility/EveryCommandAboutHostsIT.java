package io.lumeo.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.block.FileDevice;
import io.lumeo.testing.KernelRig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Runs the commands of the manual's pages about hosts, in order, on a real LVM: those of `lumeo`
/// manage the guest, all others are run in it. A page's `yaml` is the configuration.
@Order(2)
class EveryCommandAboutHostsIT {
  private static final Path MANUAL =
      Path.of(System.getProperty("lumeo.root"), "docs", "manual").toAbsolutePath();

  private static final long MIB = 1 << 20;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"lvm.md", "agent.md"})
  void thePageDoesWhatItSays(String page) throws IOException {
    var document = Document.read(MANUAL.resolve(page));
    assertThat(document.steps()).hasSizeGreaterThan(8);
    writeConfiguration(Files.readString(document.file()));
    try (var rig = KernelRig.boot(List.of(disk("sdb", 1500), disk("sdc", 200)))) {
      var host = new HostShell(rig, folder);
      for (var step : document.steps()) {
        var output = host.run(step.commands(), page + ":" + step.line());
        assertThat(step.prints(output))
            .as(
                "%s:%d prints%n%s%nand not%n%s",
                page, step.line(), output, String.join("\n", step.expected()))
            .isTrue();
      }
    }
  }

  private void writeConfiguration(String page) throws IOException {
    var begin = page.indexOf("```yaml\n");
    if (begin >= 0) {
      var text = page.substring(begin + 8, page.indexOf("```", begin + 8));
      Files.writeString(
          folder.resolve("lumeo.yaml"),
          text.replace("/var/lib/lumeo", folder.resolve("state").toString())
              .replace("/var/log/lumeo", folder.resolve("log").toString()));
    }
  }

  private Path disk(String name, long mib) throws IOException {
    var file = folder.resolve(name);
    FileDevice.create(file, mib * MIB).close();
    return file;
  }
}
