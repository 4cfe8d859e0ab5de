package io.lumeo.rest;

import java.io.IOException;

/// A request that HTTP itself refuses, before any volume is asked.
final class HttpProblem extends IOException {
  private static final long serialVersionUID = 1;

  private final Problem.Kind kind;
  private final String allow;

  HttpProblem(Problem.Kind kind, String detail) {
    this(kind, detail, "");
  }

  /// `allow` lists the methods that would do.
  HttpProblem(Problem.Kind kind, String detail, String allow) {
    super(detail);
    this.kind = kind;
    this.allow = allow;
  }

  Problem problem() {
    return Problem.of(kind, String.valueOf(getMessage()));
  }

  String allow() {
    return allow;
  }
}
