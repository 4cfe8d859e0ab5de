package io.lumeo.configuration;

import java.util.ArrayList;
import java.util.List;

/// Several files as one.
final class Merge {
  private final List<Mistake> mistakes;
  private Yaml.Mapping whole = new Yaml.Mapping(new Place("", 1, 1), List.of());
  private boolean empty = true;

  Merge(List<Mistake> mistakes) {
    this.mistakes = mistakes;
  }

  void add(Yaml.Mapping file) {
    whole = empty ? file : merge(whole, file);
    empty = false;
  }

  Yaml.Mapping whole() {
    return whole;
  }

  private Yaml.Mapping merge(Yaml.Mapping first, Yaml.Mapping second) {
    var entries = new ArrayList<>(first.entries());
    for (var entry : second.entries()) {
      var at = indexOf(entries, entry.key());
      if (at < 0) {
        entries.add(entry);
      } else {
        entries.set(at, merge(entries.get(at), entry));
      }
    }
    return new Yaml.Mapping(first.place(), List.copyOf(entries));
  }

  private Yaml.Entry merge(Yaml.Entry first, Yaml.Entry second) {
    if (first.value() instanceof Yaml.Sequence head
        && second.value() instanceof Yaml.Sequence tail) {
      var items = new ArrayList<>(head.items());
      items.addAll(tail.items());
      return new Yaml.Entry(
          first.place(), first.key(), new Yaml.Sequence(head.place(), List.copyOf(items)));
    }
    if (first.value() instanceof Yaml.Mapping one && second.value() instanceof Yaml.Mapping other) {
      return new Yaml.Entry(first.place(), first.key(), merge(one, other));
    }
    mistakes.add(
        new Mistake(
            second.place().file(),
            second.place().line(),
            second.place().column(),
            Words.shown(second.key()),
            "the key '%s' is already at %s; remove one of the two"
                .formatted(Words.shown(second.key()), first.place())));
    return first;
  }

  private static int indexOf(List<Yaml.Entry> entries, String key) {
    for (int i = 0; i < entries.size(); i++) {
      if (entries.get(i).key().equals(key)) {
        return i;
      }
    }
    return -1;
  }
}
