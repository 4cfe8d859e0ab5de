package io.lumeo.policies;

/// A cron expression that means nothing, or nothing that ever happens.
public final class CronSyntaxException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  private final String problem;
  private final int column;

  CronSyntaxException(String expression, int column, String problem) {
    super("the schedule \"%s\" is wrong at column %d: %s".formatted(expression, column, problem));
    this.problem = problem;
    this.column = column;
  }

  /// What is wrong and what to write instead, without the place.
  public String problem() {
    return problem;
  }

  /// Where in the expression, from 1.
  public int column() {
    return column;
  }
}
