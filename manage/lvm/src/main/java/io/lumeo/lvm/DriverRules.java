package io.lumeo.lvm;

import java.nio.file.Path;

/// What the owner of a host may set about how it is changed.
///
/// @param reservePercent the share of a group that is kept free for the growth of pools' metadata;
///   0 to 50. Nothing but a pool's metadata is extended into it
/// @param backupFolder where backups of the groups' metadata are kept, on the host itself
/// @param backupsKept how many backups of each group are kept at least
/// @param backupDays for how many days every backup is kept
/// @param runtimeFolder where an inspection mounts, on the host itself; gone after a restart
public record DriverRules(
    int reservePercent, Path backupFolder, int backupsKept, int backupDays, Path runtimeFolder) {

  /// Checks what it is given.
  public DriverRules {
    if (reservePercent < 0 || reservePercent > 50 || backupsKept < 1 || backupDays < 0) {
      throw new IllegalArgumentException(
          "reserve %d %%, %d backups, %d days".formatted(reservePercent, backupsKept, backupDays));
    }
    if (!backupFolder.isAbsolute() || !runtimeFolder.isAbsolute()) {
      throw new IllegalArgumentException(
          "%s and %s must be absolute".formatted(backupFolder, runtimeFolder));
    }
  }

  /// 5 % of a group in reserve, 50 backups and all of the last 30 days, kept where a host keeps its
  /// state if nobody says otherwise.
  public static DriverRules defaults() {
    return keepingStateIn(Path.of("/var/lib/lumeo"));
  }

  /// The same, with the backups in a host's state folder.
  public static DriverRules keepingStateIn(Path state) {
    return new DriverRules(5, state.resolve("vgcfg"), 50, 30, Path.of("/run/lumeo/inspect"));
  }
}
