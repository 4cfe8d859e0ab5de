package io.lumeo.compatibility;

import io.lumeo.testing.Tool;
import java.util.ArrayList;
import java.util.List;

/// A file system: how it is made, checked, and mounted beside a copy of itself.
enum FileSystemKind {
  EXT4(List.of("mkfs.ext4", "-q"), List.of("e2fsck", "-f", "-n"), "defaults", "ro,noload"),
  XFS(
      List.of("mkfs.xfs", "-q", "-f"),
      List.of("xfs_repair", "-n"),
      "nouuid",
      "ro,nouuid,norecovery");

  private final List<String> make;
  private final List<String> check;
  private final String mount;
  private final String mountOfSnapshot;

  FileSystemKind(List<String> make, List<String> check, String mount, String mountOfSnapshot) {
    this.make = make;
    this.check = check;
    this.mount = mount;
    this.mountOfSnapshot = mountOfSnapshot;
  }

  /// Makes an empty one on the block device.
  void make(String device) {
    run(make, device);
  }

  /// Fails the test unless the one on the block device is sound; nothing is repaired.
  void expectSound(String device) {
    run(check, device);
  }

  /// The mount options under which it can be written while a copy of it is mounted as well.
  String mount() {
    return mount;
  }

  /// The mount options for one that cannot be written.
  String mountOfSnapshot() {
    return mountOfSnapshot;
  }

  private static void run(List<String> command, String device) {
    var words = new ArrayList<Object>(command.subList(1, command.size()));
    words.add(device);
    Tool.named(command.getFirst()).run(words.toArray()).expectSuccess();
  }
}
