package io.lumeo.agent.watch;

import io.lumeo.configuration.Configuration;
import io.lumeo.configuration.ConfigurationReader;
import io.lumeo.configuration.ReadResult;
import io.lumeo.configuration.SourceText;
import java.util.List;

/// Configurations as people write them.
final class Configured {
  /// Two hosts, and no port for metrics.
  static final String HOSTS =
      """
      hosts:
        - {name: db1, kind: lvm}
        - {name: web1, kind: lvm, ssh: web1.example.com}
      metrics: {port: 0}
      """;

  private Configured() {}

  static Configuration by(String yaml) {
    return switch (new ConfigurationReader().read(List.of(new SourceText("lumeo.yaml", yaml)))) {
      case ReadResult.Valid(var configuration) -> configuration;
      case ReadResult.Refused(var mistakes) -> throw new AssertionError(mistakes.toString());
    };
  }

  /// The two hosts, and what else is said.
  static Configuration with(String yaml) {
    return by(HOSTS + yaml);
  }
}
