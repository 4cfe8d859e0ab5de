package io.lumeo.configuration;

import java.util.Collection;
import java.util.List;
import java.util.Set;

/// Which volumes: those that match in every respect.
///
/// @param tags all of which a volume must have
public record Selector(Glob host, Glob pool, Glob name, List<String> tags) {

  /// Whether a volume is meant.
  ///
  /// @param pools the names of the pool it draws from and of those that one draws from in turn
  public boolean matches(
      String hostName, Collection<String> pools, String volumeName, Set<String> volumeTags) {
    return host.matches(hostName)
        && pools.stream().anyMatch(pool::matches)
        && name.matches(volumeName)
        && volumeTags.containsAll(tags);
  }
}
