package io.lumeo.doctor;

import java.util.Comparator;
import java.util.List;

/// Something that bites or would.
///
/// @param subject what it was found on: `group/volume`, a group, a device, a host
/// @param problem what is the matter, one sentence with its figures
/// @param consequence what comes of it, one sentence
/// @param commands what mends it, in this order, each as one types it; words in capitals are to be
///   filled in. Empty when no command does
public record Finding(
    Severity severity,
    Trouble trouble,
    String subject,
    String problem,
    String consequence,
    List<String> commands) {

  static final Comparator<Finding> WORST_FIRST =
      Comparator.comparing(Finding::severity)
          .thenComparing(Finding::trouble)
          .thenComparing(Finding::subject);

  public Finding {
    commands = List.copyOf(commands);
  }
}
