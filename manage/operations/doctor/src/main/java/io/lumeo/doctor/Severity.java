package io.lumeo.doctor;

/// How bad a finding is, worst first.
public enum Severity {
  /// Data are lost, cannot be written, or soon cannot.
  CRITICAL,
  /// It will bite unless somebody does something.
  WARNING,
  /// Worth knowing; nothing breaks by it alone.
  NOTE
}
