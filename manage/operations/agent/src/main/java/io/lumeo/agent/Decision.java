package io.lumeo.agent;

import io.lumeo.storage.Change;

/// What was decided about something that is wanted. Deciding changes nothing; a [Hand] does.
public sealed interface Decision {
  Intent intent();

  /// Why, in one sentence.
  String reason();

  /// It is to be done.
  record Act(Intent intent, Change change, String reason) implements Decision {}

  /// It is not to be done, since a rule stands against it.
  record Refuse(Intent intent, String reason) implements Decision {}
}
