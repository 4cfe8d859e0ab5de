package io.lumeo.audit;

/// What came of what was decided.
public enum AuditResult {
  /// It was done.
  DONE,
  /// Some of it was done.
  PARTIAL,
  /// It was tried and could not be done.
  FAILED,
  /// A rule forbade it; nothing was done.
  REFUSED,
  /// It was only asked what would be done.
  DRY_RUN;

  /// As it stands in the record: `dry-run`.
  public String word() {
    return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
  }

  static AuditResult of(String word) {
    for (var result : values()) {
      if (result.word().equals(word)) {
        return result;
      }
    }
    throw new IllegalArgumentException("'%s' is no result".formatted(word));
  }
}
