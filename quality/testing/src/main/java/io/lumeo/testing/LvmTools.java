package io.lumeo.testing;

import java.nio.file.Files;
import java.nio.file.Path;

/// Debian 13's LVM, beside the host's own: for [KernelRig#commands(Path)].
public final class LvmTools {
  private LvmTools() {}

  /// The folder of its programs, where `quality/rig/fetch-trixie-tools` put them: `lvm/bin` in
  /// `$LUMEO_TOOLS`, else in `~/.cache/lumeo/trixie`.
  public static Path ofDebian13() {
    var folder = ThinTools.folder().resolve("lvm").resolve("bin");
    if (!Files.isExecutable(folder.resolve("lvm"))) {
      throw new AssertionError(
          "Debian 13's LVM is missing in %s; run quality/rig/fetch-trixie-tools".formatted(folder));
    }
    return folder;
  }
}
