package io.lumeo.compatibility;

import static io.lumeo.compatibility.LvmGuest.none;
import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.storage.Change;
import io.lumeo.storage.Change.StoreSize;
import io.lumeo.storage.Inspection.Finding;
import io.lumeo.storage.InspectionRequest;
import io.lumeo.storage.Progress;
import io.lumeo.storage.StorageFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Snapshots on real LVM are looked into while their origins are mounted and written to, and nobody
/// on the host sees it.
class LvmInspectionIT {
  @TempDir Path folder;

  @Test
  void snapshotsAreCheckedAndFilesComeOutOfThem() throws IOException, StorageFailure {
    try (var guest = LvmGuest.boot(folder, 1600)) {
      guest.shell(
          """
          lvcreate -q -T -L 500M -V 304M -n xfs vg/pool
          lvcreate -q -V 60M -T vg/pool -n ext
          lvcreate -q -y -L 40M -n thick vg
          """);
      guest.mountNew("xfs", "xfs");
      guest.mountNew("ext4", "ext");
      guest.mountNew("ext4", "thick");
      for (var name : List.of("xfs", "ext", "thick")) {
        guest.shell(
            """
            mkdir -p /mnt/%1$s/etc
            echo was here >/mnt/%1$s/etc/sentinel
            ln -s /etc/passwd /mnt/%1$s/etc/escape
            """,
            name);
        guest.startWriting(name);
      }
      guest.apply(snapshot(guest, "xfs", null));
      guest.apply(snapshot(guest, "ext", null));
      guest.apply(snapshot(guest, "thick", new StoreSize.OfOrigin(60)));
      var mounts = guest.output("wc -l < /proc/mounts");
      for (var name : List.of("xfs", "ext", "thick")) {
        var out = Files.createDirectory(folder.resolve(name));
        var found = guest.system.inspect(request(guest, name + "-snap", out), Progress.none());
        assertThat(found.findings().stream().filter(finding -> !finding.passed()))
            .as(name + ": " + found)
            .extracting(Finding::check)
            .containsExactly("find etc/escape");
        assertThat(found.findings().getFirst().passed()).isTrue();
        assertThat(Files.readString(out.resolve("sentinel"))).isEqualTo("was here\n");
      }
      assertThat(guest.output("wc -l < /proc/mounts")).isEqualTo(mounts);
      assertThat(guest.output("lvs --noheadings -o lv_name vg")).doesNotContain("verify");
      assertThat(guest.output("ls -A /run/lumeo/inspect")).isEmpty();
      assertThat(guest.system.unfinished()).isEmpty();
      for (var name : List.of("xfs", "ext", "thick")) {
        guest.expectWritten(name);
      }
    }
  }

  private static Change snapshot(LvmGuest guest, String name, @Nullable StoreSize store) {
    return new Change.CreateSnapshot(guest.uuid(name), name + "-snap", store, false, true, none());
  }

  private static InspectionRequest request(LvmGuest guest, String snapshot, Path out) {
    return new InspectionRequest(
        guest.uuid(snapshot),
        true,
        List.of("/etc/sentinel", "etc/escape"),
        Map.of("etc/sentinel", "458417e207076307e3f131d19bf5f67c6423a3298beb4af6a196f61849ae0157"),
        List.of("etc/sentinel"),
        out);
  }
}
