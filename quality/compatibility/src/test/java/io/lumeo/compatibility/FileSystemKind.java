package io.lumeo.compatibility;

import io.lumeo.testing.Tool;
import java.util.ArrayList;
import java.util.List;

/// A file system: how it is made, checked, and mounted beside a copy of itself.
enum FileSystemKind {
  EXT4("mkfs.ext4 -q", "e2fsck -f -n", "defaults", "ro,noload"),
  XFS("mkfs.xfs -q -f", "xfs_repair -n", "nouuid", "ro,nouuid,norecovery");

  private final String make;
  private final String check;
  private final String mount;
  private final String mountOfSnapshot;

  FileSystemKind(String make, String check, String mount, String mountOfSnapshot) {
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

  private static void run(String command, String device) {
    var words = new ArrayList<Object>(List.of(command.split(" ")));
    var tool = Tool.named((String) words.removeFirst());
    words.add(device);
    tool.run(words.toArray()).expectSuccess();
  }
}
