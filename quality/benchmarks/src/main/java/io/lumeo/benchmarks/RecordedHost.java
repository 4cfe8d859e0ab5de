package io.lumeo.benchmarks;

import io.lumeo.commands.Command;
import io.lumeo.testing.ManyVolumes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/// A host with as many volumes as wanted, on a machine that need not have one: for whatever is
/// started on it, `lvm`, `dmsetup`, `findmnt` and `/proc/diskstats` say what was recorded, at once,
/// and every volume is a real ext4 that the machine's own `blkid` and `dumpe2fs` read.
///
/// That is so in a mount namespace of its own: the programs lie over `/usr/local/sbin`, which is
/// first on the path of all that Lumeo runs, and the volumes over `/dev`. It takes root's rights.
///
/// @param folder where the recordings are
/// @param volumes how many there are, pools not counted
record RecordedHost(Path folder, int volumes) {
  private static final String ENTER =
      """
      set -e
      mount -t overlay overlay -o "lowerdir=$1/dev:/dev" /dev
      mount --bind "$1/programs" /usr/local/sbin
      mount -t tmpfs tmpfs /run
      mkdir /run/sshd
      [ ! -e "$1/ssh_config" ] || mount --bind "$1/ssh_config" /etc/ssh/ssh_config
      shift
      exec "$@"
      """;

  /// Writes the recordings of a host with so many volumes into a folder that is not there yet.
  static RecordedHost make(Path folder, int volumes) throws IOException, InterruptedException {
    checkRights();
    var host = new RecordedHost(folder, volumes);
    var recorded = new ManyVolumes(volumes);
    Files.createDirectories(folder.resolve("programs"));
    host.makeDevices(recorded.paths());
    host.makePrograms(recorded);
    return host;
  }

  private static void checkRights() throws IOException {
    if (!Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0)) {
      throw new IOException(
          "a host of recorded answers needs a mount namespace of its own; run this part as root");
    }
  }

  /// They are one file system under many names.
  private void makeDevices(List<String> paths) throws IOException, InterruptedException {
    var image = folder.resolve("ext4");
    Program.run("truncate", "--size=10G", image.toString());
    Program.run("mkfs.ext4", "-q", "-F", "-E", "nodiscard", image.toString());
    for (var path : paths) {
      var device = folder.resolve(path.substring(1));
      Files.createDirectories(device.getParent());
      Files.createSymbolicLink(device, image);
    }
  }

  private void makePrograms(ManyVolumes host) throws IOException {
    var report = record(host, "lvm", "fullreport");
    var settings = record(host, "lvm", "lvmconfig");
    program(
        "lvm",
        """
        case $1 in
          version) echo '  LVM version:     2.03.31(2) (2025-02-27)' ;;
          fullreport) exec /bin/cat %s ;;
          lvmconfig) exec /bin/cat %s ;;
        esac
        """
            .formatted(report, settings));
    program(
        "dmsetup",
        """
        case "$*" in
          status*) exec /bin/cat %s ;;
          *major*) exec /bin/cat %s ;;
          *) exec /bin/cat %s ;;
        esac
        """
            .formatted(
                record(host, "dmsetup", "status"),
                record(host, "dmsetup", "info", "major,minor,uuid"),
                record(host, "dmsetup", "info", "name,uuid")));
    program("findmnt", "exec /bin/cat " + record(host, "findmnt"));
    program(
        "cat",
        """
        [ "$*" != /proc/diskstats ] || set -- %s
        exec /bin/cat "$@"
        """
            .formatted(record(host, "cat", "/proc/diskstats")));
  }

  private Path record(ManyVolumes host, String... command) throws IOException {
    var name = String.join("-", command).replaceAll("[/,]", "-");
    return Files.writeString(folder.resolve(name), host.run(Command.of(List.of(command))).stdout());
  }

  private void program(String name, String script) throws IOException {
    var file = folder.resolve("programs").resolve(name);
    Files.writeString(file, "#!/bin/sh\n" + script);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /// What is started on it finds the hosts of this configuration of `ssh`.
  void configureSsh(String configuration) throws IOException {
    Files.writeString(folder.resolve("ssh_config"), configuration);
  }

  /// The command that runs a command on it, in the same process.
  List<String> on(String... command) {
    var all = new ArrayList<>(List.of("unshare", "--mount", "sh", "-c", ENTER, "sh"));
    all.add(folder.toString());
    all.addAll(List.of(command));
    return List.copyOf(all);
  }

  /// Makes sure that the program under test sees what was recorded.
  void check(Path lumeo) throws IOException, InterruptedException {
    var said = Program.run(on(lumeo.toString(), "host", "usage", "--output=json"));
    var seen = said.split("\"uuid\"", -1).length - 1;
    if (seen < volumes) {
      throw new IOException("%d volumes were recorded, and %d seen".formatted(volumes, seen));
    }
  }
}
