package io.lumeo.alerts;

import java.util.List;
import java.util.Optional;

/// What came of one look.
///
/// @param message what is to be told now, if anything
/// @param standing every alert that fires and is not silenced, told already or not
public record Evaluation(AlertState state, Optional<Message> message, List<Notice> standing) {

  public Evaluation {
    standing = List.copyOf(standing);
  }
}
