package io.lumeo.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.regex.Pattern;

/// What User Mode Linux needs before it on processors with AMX, whose registers are wider than it
/// knows: `quality/rig/wide-registers.c`, compiled once for this machine.
final class WideRegisters {
  private static final Pattern AMX = Pattern.compile("(?m)^flags\\s*:.*\\bamx_tile\\b");
  private static final Path SOURCE = Path.of("quality", "rig", "wide-registers.c");

  private WideRegisters() {}

  /// The library to preload, or nothing on a processor that needs none.
  static Optional<Path> library() {
    try {
      return AMX.matcher(Files.readString(Path.of("/proc/cpuinfo"))).find()
          ? Optional.of(compiled())
          : Optional.empty();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /// Several tests may want it at once: each compiles for itself and puts it in place as a whole.
  private static Path compiled() throws IOException {
    var source = Repository.path(SOURCE);
    var folder = Path.of(System.getProperty("user.home"), ".cache", "lumeo", "rig");
    var library =
        folder.resolve("wide-registers-%08x.so".formatted(Files.readString(source).hashCode()));
    if (!Files.exists(library)) {
      Files.createDirectories(folder);
      var fresh = Files.createTempFile(folder, "wide-registers", ".so");
      Tool.named("cc").run("-O2", "-shared", "-fPIC", "-o", fresh, source).expectSuccess();
      Files.move(fresh, library, StandardCopyOption.ATOMIC_MOVE);
    }
    return library;
  }
}
