package io.lumeo.lvm;

import io.lumeo.storage.Change;
import io.lumeo.storage.Draft;
import io.lumeo.storage.Plan;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;

/// A plan while it is being written. Its words are formats, as [String#formatted] takes them.
@SuppressWarnings("AnnotateFormatMethod")
final class Drafting {
  private final String system;
  private final Site site;
  private final Change change;
  private final List<String> preconditions = new ArrayList<>();
  private final List<Step> steps = new ArrayList<>();
  private final List<String> expected = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final SortedSet<String> volumes = new TreeSet<>();

  Drafting(String system, Site site, Change change) {
    this.system = system;
    this.site = site;
    this.change = change;
  }

  Drafting touching(VolumeRow volume) {
    volumes.add(volume.uuid());
    return this;
  }

  Drafting precondition(String words, Object... values) {
    preconditions.add(words.formatted(values));
    return this;
  }

  Drafting expect(String words, Object... values) {
    expected.add(words.formatted(values));
    return this;
  }

  Drafting note(String words, Object... values) {
    notes.add(words.formatted(values));
    return this;
  }

  Drafting step(Step step) {
    steps.add(step);
    for (var condition : step.requires()) {
      if (!preconditions.contains(condition.words())) {
        preconditions.add(condition.words());
      }
    }
    return this;
  }

  /// Puts the group's metadata into our own store first, under a name that says of which group, at
  /// which sequence, why and for which plan.
  Drafting backUp() {
    var folder = site.rules().backupFolder().toString();
    var file = folder + "/" + BackupName.of(site, reason()).fileName();
    return step(Step.harmless(
            "make the folder for backups", List.of("mkdir", "-p", "-m", "700", folder)))
        .step(Step.backUp(site.groupName(), file));
  }

  /// `CreateSnapshot` → `create-snapshot`.
  private String reason() {
    return change
        .getClass()
        .getSimpleName()
        .replaceAll("(?<=[a-z])(?=[A-Z])", "-")
        .toLowerCase(Locale.ROOT);
  }

  /// A plan that does nothing, as it is so already.
  Draft<Step> alreadySo(String why) {
    steps.clear();
    expected.clear();
    notes.add(why);
    return finished();
  }

  Draft<Step> finished() {
    return new Draft<>(
        new Plan(
            site.id().text(),
            system,
            change,
            site.groupUuid(),
            site.group().group().sequence(),
            List.copyOf(preconditions),
            steps.stream().map(Step::shown).toList(),
            List.copyOf(expected),
            List.copyOf(notes)),
        volumes,
        steps);
  }
}
