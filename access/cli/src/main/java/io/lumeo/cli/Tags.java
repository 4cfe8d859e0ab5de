package io.lumeo.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The option of a command that makes something with tags.
public final class Tags {
  @Option(names = "--tag", paramLabel = "TAG", description = "A tag; may be repeated.")
  private @Nullable List<String> tags;

  /// Made by picocli, which then fills it.
  public Tags() {}

  /// As they were given.
  public List<String> list() {
    return tags == null ? List.of() : tags;
  }
}
