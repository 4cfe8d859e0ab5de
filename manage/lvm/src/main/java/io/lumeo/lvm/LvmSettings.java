package io.lumeo.lvm;

import java.util.Map;

/// What the host's LVM is configured to do, as `lvmconfig` says.
///
/// @param thinPools how it extends thin pools that have no profile of their own
/// @param snapshots how it extends classic snapshots
/// @param monitoring whether what is activated is registered with dmeventd
/// @param monitorAlive whether dmeventd runs
/// @param profiles the thin-pool rules of the profiles that volumes or groups name
/// @param profileFolder where profiles are kept
/// @param systemId the host's own system id, empty when it has none
record LvmSettings(
    Extension thinPools,
    Extension snapshots,
    boolean monitoring,
    boolean monitorAlive,
    Map<String, Extension> profiles,
    String profileFolder,
    String systemId) {

  LvmSettings {
    profiles = Map.copyOf(profiles);
  }

  /// When and by how much LVM extends by itself.
  ///
  /// @param thresholdPercent the fill at which it does; 100 means never
  /// @param stepPercent by how much of the size
  record Extension(int thresholdPercent, int stepPercent) {

    /// LVM's own defaults: off.
    static final Extension OFF = new Extension(100, 20);

    boolean on() {
      return thresholdPercent < 100;
    }
  }

  /// The rule that holds for a thin pool: its own profile's, else its group's, else the host's.
  Extension ruleFor(VolumeRow pool, GroupRow group) {
    var profile = pool.profile().isEmpty() ? group.profile() : pool.profile();
    return profiles.getOrDefault(profile, thinPools);
  }
}
