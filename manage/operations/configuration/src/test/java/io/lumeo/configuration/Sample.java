package io.lumeo.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.testing.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What the tests read, and how.
final class Sample {
  static final String FILE = "lumeo.yaml";
  static final Path EXAMPLE = Repository.path(Path.of("docs/lumeo.example.yaml"));

  static final ConfigurationReader READER = new ConfigurationReader();

  private Sample() {}

  static SourceText source(String yaml) {
    return new SourceText(FILE, yaml);
  }

  static String example() throws IOException {
    return Files.readString(EXAMPLE);
  }

  static Configuration valid(String... files) {
    var result = read(files);
    assertThat(result).as("%s", result).isInstanceOf(ReadResult.Valid.class);
    return ((ReadResult.Valid) result).configuration();
  }

  /// The mistakes as people read them, without the name of the file.
  static List<String> mistakes(String... files) {
    return switch (read(files)) {
      case ReadResult.Valid valid -> List.of();
      case ReadResult.Refused(var mistakes) ->
          mistakes.stream().map(mistake -> mistake.toString().replace(FILE + ":", "")).toList();
    };
  }

  private static ReadResult read(String... files) {
    var sources = new java.util.ArrayList<SourceText>();
    for (int i = 0; i < files.length; i++) {
      sources.add(new SourceText(i == 0 ? FILE : "conf.d/%d.yaml".formatted(i), files[i]));
    }
    return READER.read(sources);
  }
}
