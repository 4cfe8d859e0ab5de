package io.lumeo.tuning;

/// A volume or pool that was made to be measured.
///
/// @param group the name of its group
/// @param name its own
record Scratch(String group, String name) {
  String fullName() {
    return group + "/" + name;
  }

  String device() {
    return "/dev/" + fullName();
  }

  /// The kernel's name for the pool that this is: dashes in names are doubled there.
  String poolDevice() {
    return group.replace("-", "--") + "-" + name.replace("-", "--") + "-tpool";
  }
}
