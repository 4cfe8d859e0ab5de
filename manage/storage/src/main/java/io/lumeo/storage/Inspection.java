package io.lumeo.storage;

import java.util.List;

/// What looking into a snapshot showed.
///
/// @param findings each check made, in order
/// @param copied the files that were copied out
public record Inspection(List<Finding> findings, List<String> copied) {

  public record Finding(String check, boolean passed, String detail) {}

  /// Whether every check passed. An inspection that checked nothing proves nothing.
  public boolean passed() {
    return !findings.isEmpty() && findings.stream().allMatch(Finding::passed);
  }
}
