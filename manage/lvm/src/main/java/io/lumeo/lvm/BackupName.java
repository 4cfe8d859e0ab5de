package io.lumeo.lvm;

import io.lumeo.storage.PlanId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// The name of a backup of a group's metadata: of which group, at which sequence, before what, for
/// which plan. So a folder of them needs no index.
record BackupName(String group, long sequence, String reason, PlanId plan) {
  private static final String ENDING = ".vg";
  private static final Pattern FORM =
      Pattern.compile("(.+)\\.([0-9]{8,})\\.([a-z-]+)\\.([0-9A-Z]{26})\\.vg");

  static BackupName of(Site site, String reason) {
    return new BackupName(site.groupName(), site.group().group().sequence(), reason, site.id());
  }

  static Optional<BackupName> parse(String fileName) {
    var found = FORM.matcher(fileName);
    if (!found.matches() || !PlanId.isOne(found.group(4)) || found.group(2).length() > 18) {
      return Optional.empty();
    }
    return Optional.of(
        new BackupName(
            found.group(1),
            Long.parseLong(found.group(2)),
            found.group(3),
            new PlanId(found.group(4))));
  }

  String fileName() {
    return "%s.%08d.%s.%s%s".formatted(group, sequence, reason, plan, ENDING);
  }

  /// Which files of the store have had their time: those of `group` that are neither among the
  /// newest `kept` nor younger than `days`. Files of other names are nobody's to judge.
  static List<String> expired(
      List<String> fileNames, String group, int kept, int days, Instant now) {
    var ours = new ArrayList<BackupName>();
    for (var name : fileNames) {
      parse(name).filter(backup -> backup.group().equals(group)).ifPresent(ours::add);
    }
    ours.sort(Comparator.comparing((BackupName backup) -> backup.plan().text()).reversed());
    var horizon = now.minus(Duration.ofDays(days));
    return ours.stream()
        .skip(kept)
        .filter(backup -> backup.plan().moment().isBefore(horizon))
        .map(BackupName::fileName)
        .toList();
  }
}
