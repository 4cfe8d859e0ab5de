package io.lumeo.lvm;

import io.lumeo.commands.Command;
import io.lumeo.storage.StorageFailure;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/// Looks at what LVM itself keeps of its metadata in files: whether the newest is as new as the
/// group, and whether the older ones have become too many.
record BackupReader(HostCommands host) {
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  /// A line of `grep -H`: the file, a NUL that no name can hold, and LVM's own line.
  private static final Pattern SEQUENCE =
      Pattern.compile("([^\\x00]+)\\x00\\s*seqno = (\\d{1,18})");

  Checkup.Backups read() throws StorageFailure {
    var settings =
        SettingsReader.parse(
            host.expectSuccess(
                Command.of(
                        "lvm",
                        "lvmconfig",
                        "--type",
                        "full",
                        "backup/backup",
                        "backup/backup_dir",
                        "backup/archive_dir")
                    .within(DEADLINE)));
    var folder = settings.getOrDefault("backup_dir", "/etc/lvm/backup");
    var archive = settings.getOrDefault("archive_dir", "/etc/lvm/archive");
    return new Checkup.Backups(
        !settings.getOrDefault("backup", "1").equals("0"),
        folder,
        sequences(folder),
        archive,
        files(archive));
  }

  /// A folder that is not there yet holds no backups.
  private Map<String, Long> sequences(String folder) throws StorageFailure {
    var listed =
        host.run(
            Command.of(
                    "grep",
                    "-r",
                    "-H",
                    "-Z",
                    "-s",
                    "-m1",
                    "-E",
                    "^[[:space:]]*seqno = ",
                    "--",
                    folder)
                .within(DEADLINE));
    var sequences = new HashMap<String, Long>();
    listed
        .stdout()
        .lines()
        .map(SEQUENCE::matcher)
        .filter(line -> line.matches())
        .forEach(line -> sequences.put(name(line.group(1)), Long.parseLong(line.group(2))));
    return sequences;
  }

  private static String name(String file) {
    var name = Path.of(file).getFileName();
    return name == null ? "" : name.toString();
  }

  private int files(String folder) throws StorageFailure {
    var listed = host.run(Command.of("find", folder, "-name", "*.vg").within(DEADLINE));
    return (int) listed.stdout().lines().filter(line -> !line.isBlank()).count();
  }
}
