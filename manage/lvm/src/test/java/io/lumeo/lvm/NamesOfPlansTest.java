package io.lumeo.lvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.storage.PlanId;
import io.lumeo.storage.StorageFailure;
import io.lumeo.testing.SeededTest;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Names and words that carry meaning: of backups, rules and complaints.
class NamesOfPlansTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  @Test
  void aBackupsNameTellsAllAboutIt() {
    var name = new BackupName("vg-1.x", 12, "extend-volume", PlanId.at(NOW, new Random(1)));
    assertThat(name.fileName()).startsWith("vg-1.x.00000012.extend-volume.").endsWith(".vg");
    assertThat(BackupName.parse(name.fileName())).contains(name);
    assertThat(BackupName.parse("notes.txt")).isEmpty();
  }

  @SeededTest(seeds = 100)
  void theNewestBackupsAndThoseOfTheLastDaysAreKept(Random random) {
    int kept = 1 + random.nextInt(10);
    int days = random.nextInt(40);
    var names = new ArrayList<String>();
    for (int i = 0; i < 30; i++) {
      var age = Duration.ofHours(random.nextInt(24 * 60));
      var id = PlanId.at(NOW.minus(age), random);
      names.add(new BackupName(random.nextBoolean() ? "vg" : "vg2", i, "trash", id).fileName());
    }
    names.add("mine.vg");
    var expired = BackupName.expired(names, "vg", kept, days, NOW);
    var left = new ArrayList<>(names);
    left.removeAll(expired);
    assertThat(expired).allMatch(name -> name.startsWith("vg."));
    assertThat(left).contains("mine.vg");
    var ours = left.stream().filter(name -> name.startsWith("vg.")).toList();
    assertThat(expired.isEmpty() || ours.size() >= kept).isTrue();
    var horizon = NOW.minus(Duration.ofDays(days));
    assertThat(expired)
        .allMatch(name -> BackupName.parse(name).orElseThrow().plan().moment().isBefore(horizon));
  }

  @Test
  void rulesThatMakeNoSenseAreNotTaken() {
    var path = Path.of("/x");
    assertThatThrownBy(() -> new DriverRules(51, path, 1, 1, path))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new DriverRules(5, Path.of("x"), 1, 1, path))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /// As lvm2 2.03.16 wrote them.
  @Test
  void complaintsOfLvmsAreKnownByTheirWords() {
    check(
        "  Insufficient free space: 30 extents needed, but only 9 available",
        StorageFailure.OutOfSpace.class,
        "84 MiB");
    check(
        "  Cannot create new thin volume, free space in thin pool vg/p reached threshold.",
        StorageFailure.OutOfSpace.class,
        "extend the thin pool");
    check("  Volume group \"x\" not found", StorageFailure.NotFound.class, "look at the host");
    check(
        "  Snapshot origin volumes can be resized only while inactive: try lvchange -an.",
        StorageFailure.Refused.class,
        "remove its snapshots");
    check("  Unable to merge invalidated snapshot LV vg/s.", StorageFailure.Refused.class, "lost");
    check(
        "  Logical volume vg/a contains a filesystem in use.", StorageFailure.Busy.class, "close");
    check(
        "Do you really want to? [y/n]: [n]\n  Aborted.",
        StorageFailure.CommandFailed.class,
        "answered no");
    check(
        "  Logical Volume \"a\" already exists in volume group \"vg\"",
        StorageFailure.CommandFailed.class,
        "already exists");
    check(
        "  New size given (5 extents) not larger than existing size (9 extents)",
        StorageFailure.CommandFailed.class,
        "not larger");
    check(
        "  device-mapper: suspend ioctl on  (254:5) failed: Device or resource busy\n  Aborting. Manual intervention required.",
        StorageFailure.Busy.class,
        "is frozen");
    check("  Oops.", StorageFailure.CommandFailed.class, "Oops");
    for (var said :
        List.of(
            "Insufficient free space: 30 extents needed, but only 9 available",
            "Volume group \"vg\" has insufficient free space (9 extents): 30 required.")) {
      var space = Complaint.of(said).failure("x", "y", 4 << 20);
      assertThat(((StorageFailure.OutOfSpace) space).missingBytes()).isEqualTo(84L << 20);
    }
  }

  private static void check(String said, Class<? extends StorageFailure> type, String words) {
    var failure = Complaint.of(said).failure("extend vg/a", said.strip(), 4 << 20);
    assertThat(failure).isInstanceOf(type);
    assertThat(failure.getMessage()).contains("extend vg/a").doesNotContain("\n");
    if (!words.equals("84 MiB")) {
      assertThat(failure.getMessage()).contains(words);
    }
  }
}
