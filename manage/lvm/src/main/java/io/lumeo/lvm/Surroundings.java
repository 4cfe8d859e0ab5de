package io.lumeo.lvm;

import io.lumeo.lvm.HostState.Content;
import java.util.Map;
import java.util.Set;

/// What a plan needs to know of a host besides its LVM, looked up for the one change.
///
/// @param devices what lies on the devices that the change names, by path
/// @param missingTools those of the programs it would run that the host does not have
/// @param backups the text of the backups that the change names, by name
record Surroundings(
    Map<String, Content> devices, Set<String> missingTools, Map<String, String> backups) {

  static final Surroundings NONE = new Surroundings(Map.of(), Set.of(), Map.of());

  Surroundings {
    devices = Map.copyOf(devices);
    missingTools = Set.copyOf(missingTools);
    backups = Map.copyOf(backups);
  }
}
