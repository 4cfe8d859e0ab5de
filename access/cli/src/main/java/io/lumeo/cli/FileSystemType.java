package io.lumeo.cli;

import java.util.List;
import java.util.Locale;

/// A file system that can be made on a new volume.
enum FileSystemType {
  EXT4("e2fsprogs"),
  XFS("xfsprogs");

  private final String debianPackage;

  FileSystemType(String debianPackage) {
    this.debianPackage = debianPackage;
  }

  /// What `blkid` and `mount` call it.
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  @Override
  public String toString() {
    return word();
  }

  String debianPackage() {
    return debianPackage;
  }

  /// Makes it on `device`.
  List<String> make(String device) {
    return List.of("mkfs." + word(), "-q", device);
  }
}
