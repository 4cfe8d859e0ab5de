package io.lumeo.block;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Who has a block device, as far as the kernel tells: a mount, swap space, a device that is made
/// of it, or a process.
final class DeviceUse {
  /// Blanks and the like in the paths of `/proc/self/mountinfo`.
  private static final Pattern OCTAL = Pattern.compile("\\\\([0-7]{3})");

  private final Path proc;
  private final Path sys;

  DeviceUse() {
    this(Path.of("/"));
  }

  /// @param root the directory of `proc` and `sys`
  DeviceUse(Path root) {
    this.proc = root.resolve("proc");
    this.sys = root.resolve("sys");
  }

  /// One line: that the device is in use, by whom, and what to do.
  String describe(Path path, DeviceNumber number) throws IOException {
    var mountPoint = mountPoint(number);
    if (mountPoint.isPresent()) {
      return "%s is in use: it is mounted at %s; unmount it".formatted(path, mountPoint.get());
    }
    if (isSwap(path)) {
      return "%s is in use: it is swap space; turn that off with 'swapoff %s'"
          .formatted(path, path);
    }
    var holders = holders(number);
    if (!holders.isEmpty()) {
      return "%s is in use: it is part of %s; deactivate that"
          .formatted(path, String.join(" and ", holders));
    }
    var process = process(path);
    if (process.isPresent()) {
      return "%s is in use by %s; stop it or use another device"
          .formatted(path, DeviceLock.process(process.get()));
    }
    return byAnybody(path);
  }

  /// The same where nothing can be told of who has it.
  static String byAnybody(Path path) {
    return "%s is in use: mounted, part of an active volume, or open elsewhere; unmount or deactivate it"
        .formatted(path);
  }

  /// A line of `mountinfo` is `36 35 98:0 /root /mount/point options …`.
  private Optional<String> mountPoint(DeviceNumber number) throws IOException {
    return Files.readAllLines(proc.resolve("self/mountinfo")).stream()
        .map(line -> line.split(" ", -1))
        .filter(fields -> fields.length > 4 && fields[2].equals(number.toString()))
        .map(fields ->
            OCTAL
                .matcher(fields[4])
                .replaceAll(code ->
                    Matcher.quoteReplacement(
                        Character.toString(Integer.parseInt(code.group(1), 8)))))
        .findFirst();
  }

  /// The kernel lists swap space by the device's own name: `/dev/dm-1`, not `/dev/vg/swap`.
  private boolean isSwap(Path path) throws IOException {
    var swaps = proc.resolve("swaps");
    var device = path.toRealPath();
    return Files.exists(swaps)
        && Files.readAllLines(swaps).stream().anyMatch(line -> line.startsWith(device + " "));
  }

  /// The devices that are made of this one, by the names their makers gave them where they did.
  private List<String> holders(DeviceNumber number) throws IOException {
    var folder = sys.resolve("dev/block").resolve(number.toString()).resolve("holders");
    var found = new ArrayList<String>();
    for (var holder : list(folder)) {
      var name = holder.resolve("dm/name");
      found.add(
          Files.exists(name)
              ? "%s (%s)".formatted(Files.readString(name).strip(), holder.getFileName())
              : holder.getFileName().toString());
    }
    return found;
  }

  /// A process that has the device open. Which one claimed it is not told; with Lumeo it is the
  /// only one.
  private Optional<Long> process(Path path) throws IOException {
    var target = path.toRealPath();
    for (var process : list(proc)) {
      var id = process.getFileName().toString();
      if (id.chars().allMatch(Character::isDigit) && hasOpen(process, target)) {
        return Optional.of(Long.parseLong(id));
      }
    }
    return Optional.empty();
  }

  private static boolean hasOpen(Path process, Path target) throws IOException {
    for (var file : list(process.resolve("fd"))) {
      if (leadsTo(file, target)) {
        return true;
      }
    }
    return false;
  }

  private static boolean leadsTo(Path file, Path target) throws IOException {
    try {
      return Files.readSymbolicLink(file).equals(target);
    } catch (NoSuchFileException | AccessDeniedException _) {
      return false; // closed meanwhile, or not ours to look at
    }
  }

  /// What is in a folder; nothing if it is not there any more, or another user's.
  private static List<Path> list(Path folder) throws IOException {
    try (var entries = Files.newDirectoryStream(folder)) {
      var found = new ArrayList<Path>();
      entries.forEach(found::add);
      return found;
    } catch (NoSuchFileException | AccessDeniedException _) {
      return List.of();
    } catch (DirectoryIteratorException e) {
      if (e.getCause() instanceof NoSuchFileException) {
        return List.of();
      }
      throw e.getCause();
    }
  }
}
