package io.lumeo.cli;

import org.jspecify.annotations.Nullable;

/// What was set up to mount a volume, step by step, so that it can be undone from any of them. It
/// is kept in [MountRecords]; a step is written down before the next begins.
///
/// @param bootId the kernel's name for the time between two starts of the machine: what was set up
///   in another is gone
/// @param fuseDirectory where nbdfuse shows the volume as the file `disk`, or null
/// @param fusePid the nbdfuse process, or null
/// @param device the loop or nbd device, or null
/// @param nbdPid the process that connected the nbd device, or null
/// @param nbdStartTicks when that process began, or null when it has ended with its work
public record Mount(
    String volume,
    String mountPoint,
    boolean readOnly,
    String bootId,
    @Nullable String fuseDirectory,
    @Nullable Long fusePid,
    @Nullable String device,
    @Nullable Long nbdPid,
    @Nullable Long nbdStartTicks) {

  /// Before the first step.
  static Mount planned(String volume, String mountPoint, boolean readOnly, String bootId) {
    return new Mount(volume, mountPoint, readOnly, bootId, null, null, null, null, null);
  }

  Mount withFuse(String directory, @Nullable Long pid) {
    return new Mount(
        volume, mountPoint, readOnly, bootId, directory, pid, device, nbdPid, nbdStartTicks);
  }

  Mount withDevice(String attached) {
    return new Mount(
        volume,
        mountPoint,
        readOnly,
        bootId,
        fuseDirectory,
        fusePid,
        attached,
        nbdPid,
        nbdStartTicks);
  }

  Mount withConnection(NbdDevices.Connection connection) {
    return new Mount(
        volume,
        mountPoint,
        readOnly,
        bootId,
        fuseDirectory,
        fusePid,
        device,
        connection.pid(),
        connection.startTicks());
  }

  /// What is left of it after a restart of the machine: files, but no process and no device.
  Mount afterRestart() {
    return new Mount(volume, mountPoint, readOnly, bootId, fuseDirectory, null, null, null, null);
  }

  /// Who connected the nbd device, or null when it has none or it was never known.
  NbdDevices.@Nullable Connection connection() {
    return nbdPid == null ? null : new NbdDevices.Connection(nbdPid, nbdStartTicks);
  }
}
