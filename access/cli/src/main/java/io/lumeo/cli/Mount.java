package io.lumeo.cli;

import org.jspecify.annotations.Nullable;

/// What was set up to mount a volume, step by step, so that it can be undone from any of them. It
/// is kept in `mounts/<volume>.json`; a step is written down before the next begins.
///
/// @param fuseDirectory where nbdfuse shows the volume as the file `disk`, or null
/// @param fusePid the nbdfuse process, or null
/// @param device the loop or nbd device, or null
public record Mount(
    String volume,
    String mountPoint,
    boolean readOnly,
    @Nullable String fuseDirectory,
    @Nullable Long fusePid,
    @Nullable String device) {

  Mount withFuse(String directory, @Nullable Long pid) {
    return new Mount(volume, mountPoint, readOnly, directory, pid, device);
  }

  Mount withDevice(String attached) {
    return new Mount(volume, mountPoint, readOnly, fuseDirectory, fusePid, attached);
  }
}
