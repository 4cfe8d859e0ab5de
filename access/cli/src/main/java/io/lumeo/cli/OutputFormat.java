package io.lumeo.cli;

import io.lumeo.rest.Records;

/// How results are printed.
public enum OutputFormat {
  TABLE,
  JSON,
  YAML;

  @Override
  public String toString() {
    return Records.word(this);
  }
}
