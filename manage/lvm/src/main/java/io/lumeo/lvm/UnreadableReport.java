package io.lumeo.lvm;

/// A report that is no JSON, whatever was forgiven.
final class UnreadableReport extends Exception {
  private static final long serialVersionUID = 1;

  UnreadableReport(String message) {
    super(message);
  }

  UnreadableReport(String message, Throwable cause) {
    super(message, cause);
  }
}
