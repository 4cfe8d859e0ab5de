package io.lumeo.doctor;

import java.util.ArrayList;
import java.util.List;

/// Findings as they are gathered.
final class Findings {
  private final List<Finding> found = new ArrayList<>();

  void critical(
      Trouble trouble, String subject, String problem, String consequence, List<String> commands) {
    add(Severity.CRITICAL, trouble, subject, problem, consequence, commands);
  }

  void warning(
      Trouble trouble, String subject, String problem, String consequence, List<String> commands) {
    add(Severity.WARNING, trouble, subject, problem, consequence, commands);
  }

  void note(
      Trouble trouble, String subject, String problem, String consequence, List<String> commands) {
    add(Severity.NOTE, trouble, subject, problem, consequence, commands);
  }

  void add(
      Severity severity,
      Trouble trouble,
      String subject,
      String problem,
      String consequence,
      List<String> commands) {
    found.add(new Finding(severity, trouble, subject, problem, consequence, commands));
  }

  List<Finding> all() {
    return found;
  }
}
