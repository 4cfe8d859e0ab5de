package io.lumeo.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.testing.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `lumeo volume mount` on this machine, by nbdfuse and a loop device. Needs root and `/dev/fuse`.
class MountIT {
  private static final int STRANGER = 54321;

  @TempDir Path scratch;

  private Path mountPoint;
  private LumeoUp lumeo;

  @BeforeEach
  void serve() throws IOException {
    mountPoint = Files.createDirectory(scratch.resolve("mnt"));
    lumeo = LumeoUp.in(scratch.resolve("pool"));
    lumeo.run("volume", "create", "v", "1G").expectSuccess();
  }

  @AfterEach
  void stop() throws IOException {
    lumeo.close();
    assertThat(leftOnTheMachine()).isEmpty();
  }

  /// Mounts and loop devices that have to do with this test.
  private String leftOnTheMachine() throws IOException {
    var left = new StringBuilder();
    Files.readString(Path.of("/proc/self/mountinfo"))
        .lines()
        .filter(line -> line.contains(scratch.toString()))
        .forEach(left::append);
    Tool.named("losetup")
        .run("--list", "--noheadings", "--output", "NAME,BACK-FILE")
        .expectSuccess()
        .stdout()
        .lines()
        .filter(line -> line.contains(scratch.toString()))
        .forEach(left::append);
    return left.toString();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ext4", "xfs"})
  void filesAreThereAgainWhenTheVolumeIsMountedAgain(String fileSystem) throws Exception {
    var content = Files.createDirectory(scratch.resolve("content"));
    FileSystemImage.fill(content, new Random(7), 60);

    lumeo.mount("v", mountPoint, "--fs", fileSystem);
    Tool.named("cp").run("-r", content + "/.", mountPoint).expectSuccess();
    lumeo.umount("v");
    assertThat(mountPoint).isEmptyDirectory();
    assertThat(leftOnTheMachine()).isEmpty();
    assertThat(scratch.resolve("pool/mounts")).doesNotExist();

    lumeo.mount("v", mountPoint);
    expectSame(content, mountPoint);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ext4", "xfs"})
  void aSnapshotIsMountedReadOnlyBesideItsOrigin(String fileSystem) throws Exception {
    lumeo.mount("v", mountPoint, "--fs", fileSystem);
    Files.writeString(mountPoint.resolve("note"), "as it was");
    Tool.named("fsfreeze").run("--freeze", mountPoint).expectSuccess();
    try {
      lumeo.run("snapshot", "create", "v", "s").expectSuccess();
    } finally {
      Tool.named("fsfreeze").run("--unfreeze", mountPoint).expectSuccess();
    }
    Files.writeString(mountPoint.resolve("note"), "as it is");

    var before = Files.createDirectory(scratch.resolve("before"));
    lumeo.mount("s", before);

    assertThat(before.resolve("note")).hasContent("as it was");
    assertThat(mountPoint.resolve("note")).hasContent("as it is");
    Tool.named("touch").run(before.resolve("new")).expectExit(1);
  }

  @Test
  void aMountThatFailsLeavesNothing() throws Exception {
    assertThat(lumeo.run("volume", "mount", "v", mountPoint).expectExit(2).stderr())
        .isEqualTo("lumeo: 'v' has no file system; make one with --fs ext4 or --fs xfs\n");

    assertThat(leftOnTheMachine()).isEmpty();
    assertThat(scratch.resolve("pool/mounts")).doesNotExist();
  }

  @Test
  void whatIsMountedIsNotChangedUnderTheFileSystem() {
    lumeo.mount("v", mountPoint, "--fs", "ext4");
    lumeo.run("snapshot", "create", "v", "s").expectSuccess();

    for (var command :
        new String[] {"snapshot rollback v --to s", "volume resize v 512M", "volume delete v"}) {
      var words = (command + " --yes").split(" ", -1);
      assertThat(lumeo.run((Object[]) words).expectExit(5).stderr())
          .as(command)
          .isEqualTo(
              "lumeo: 'v' is mounted at %s; unmount it first with 'lumeo volume umount v'\n"
                  .formatted(mountPoint));
    }
    lumeo.umount("v");
    lumeo.run("snapshot", "rollback", "v", "--to", "s", "--yes").expectSuccess();
  }

  @Test
  void aFileSystemIsNotMadeOverAnother() {
    lumeo.mount("v", mountPoint, "--fs", "ext4");
    lumeo.umount("v");

    assertThat(lumeo.run("volume", "mount", "v", mountPoint, "--fs", "xfs").expectExit(4).stderr())
        .contains("'v' holds ext4 and is not formatted again");
  }

  @Test
  void aVolumeCanBeUnmountedWhenItsServerIsGone() throws Exception {
    lumeo.mount("v", mountPoint, "--fs", "ext4");
    lumeo.kill();

    lumeo.umount("v");

    assertThat(leftOnTheMachine()).isEmpty();
  }

  @Test
  void aRecordThatAnotherUserCouldHaveWrittenIsNotBelieved() throws Exception {
    lumeo.mount("v", mountPoint, "--fs", "ext4");
    var record = scratch.resolve("pool/mounts/v.json");
    Files.setAttribute(record, "unix:uid", STRANGER);

    assertThat(lumeo.run("volume", "umount", "v").expectExit(7).stderr())
        .isEqualTo(
            "lumeo: %s belongs to user %d, so what it says of mounts is not believed; unmount by hand what is mounted, and remove it\n"
                .formatted(record, STRANGER));

    assertThat(leftOnTheMachine()).contains(mountPoint.toString());
    Files.setAttribute(record, "unix:uid", 0);
  }

  private static void expectSame(Path expected, Path found) {
    Tool.named("diff").run("-r", "-x", "lost+found", expected, found).expectSuccess();
  }
}
