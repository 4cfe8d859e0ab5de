package io.lumeo.configuration;

import java.util.ArrayList;
import java.util.List;

/// Text → [Configuration]. Finds every mistake at once, and says where each is. Reads nothing but
/// what it is given. Safe for use by several threads.
public final class ConfigurationReader {

  public ConfigurationReader() {}

  /// Reads a configuration from its files, in this order: lists of several files are one after the
  /// other, blocks are merged, and what two files say about the same key is a mistake.
  public ReadResult read(List<SourceText> sources) {
    var mistakes = new ArrayList<Mistake>();
    var merge = new Merge(mistakes);
    for (var source : sources) {
      YamlText.parse(source, mistakes).ifPresent(merge::add);
    }
    var reading = new Reading(mistakes);
    var configuration = ConfigurationKeys.SHAPE.read(merge.whole(), "", reading);
    reading.end();
    return configuration
        .filter(any -> mistakes.isEmpty())
        .<ReadResult>map(ReadResult.Valid::new)
        .orElseGet(() -> new ReadResult.Refused(mistakes.stream().distinct().sorted().toList()));
  }
}
