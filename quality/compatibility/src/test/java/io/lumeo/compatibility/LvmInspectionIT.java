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
  private static final List<String> ALL = List.of("xfs", "ext", "thick", "thickxfs");

  /// A name that a shell would take for orders and quotes.
  private static final String HOSTILE = "it's $(touch pwned)`touch pwned` \\";

  private static final String SUM =
      "458417e207076307e3f131d19bf5f67c6423a3298beb4af6a196f61849ae0157";

  @TempDir Path folder;

  @Test
  void snapshotsAreCheckedAndFilesComeOutOfThem() throws IOException, StorageFailure {
    try (var guest = LvmGuest.boot(folder, 2000)) {
      guest.shell(
          """
          lvcreate -q -T -L 500M -V 304M -n xfs vg/pool
          lvcreate -q -V 60M -T vg/pool -n ext
          lvcreate -q -y -L 40M -n thick vg
          lvcreate -q -y -L 304M -n thickxfs vg
          """);
      guest.mountNew("xfs", "xfs");
      guest.mountNew("ext4", "ext");
      guest.mountNew("ext4", "thick");
      guest.mountNew("xfs", "thickxfs");
      for (var name : ALL) {
        guest.shell(
            """
            mkdir -p /mnt/%1$s/etc
            echo was here >/mnt/%1$s/etc/sentinel
            cp /mnt/%1$s/etc/sentinel "/mnt/%1$s/etc/it's "'$(touch pwned)`touch pwned` \\'
            ln -s /etc/passwd /mnt/%1$s/etc/escape
            """,
            name);
        guest.startWriting(name);
      }
      guest.apply(snapshot(guest, "xfs", null));
      guest.apply(snapshot(guest, "ext", null));
      guest.apply(snapshot(guest, "thick", new StoreSize.OfOrigin(60)));
      guest.apply(snapshot(guest, "thickxfs", new StoreSize.OfOrigin(20)));
      // By hand it would not do: the same file system is mounted already.
      guest.shell("mkdir /mnt/look");
      guest.byHand("mount -o ro,norecovery /dev/vg/thickxfs-snap /mnt/look").expectExit(32);
      assertThat(guest.output("dmesg | tail -3")).contains("duplicate UUID");
      var mounts = guest.output("wc -l < /proc/mounts");
      for (var name : ALL) {
        var out = Files.createDirectory(folder.resolve(name));
        var found = guest.system.inspect(request(guest, name + "-snap", out), Progress.none());
        assertThat(found.findings().stream().filter(finding -> !finding.passed()))
            .as(name + ": " + found)
            .extracting(Finding::check)
            .containsExactly("find etc/escape");
        assertThat(found.findings().getFirst().passed()).isTrue();
        assertThat(Files.readString(out.resolve("sentinel"))).isEqualTo("was here\n");
        assertThat(Files.readString(out.resolve(HOSTILE))).isEqualTo("was here\n");
      }
      assertThat(guest.output("wc -l < /proc/mounts")).isEqualTo(mounts);
      assertThat(guest.output("lvs --noheadings -o lv_name vg")).doesNotContain("verify");
      assertThat(guest.output("ls -A /run/lumeo/inspect")).isEmpty();
      assertThat(guest.system.unfinished()).isEmpty();
      guest.shell("test ! -e pwned; test ! -e /pwned");
      for (var name : ALL) {
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
        Map.of("etc/sentinel", SUM, "etc/" + HOSTILE, SUM),
        List.of("etc/sentinel", "etc/" + HOSTILE),
        out);
  }
}
