package io.lumeo.agent;

import static io.lumeo.agent.Workplace.GIB;
import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.agent.runs.GrowthItem;
import io.lumeo.agent.runs.GrowthRun;
import io.lumeo.agent.runs.PolicyTerms;
import io.lumeo.agent.runs.Protection;
import io.lumeo.audit.AuditIndex;
import io.lumeo.audit.AuditRecord;
import io.lumeo.configuration.TrashSettings;
import io.lumeo.policies.RunKey;
import io.lumeo.storage.Change;
import io.lumeo.storage.Plan;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.Volume;
import io.lumeo.testing.MemorySystem;
import io.lumeo.testing.MemorySystem.Mishap;
import io.lumeo.testing.ScriptedCommands;
import io.lumeo.testing.SeededTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

/// An agent on a host where everything goes wrong by a seed: it fails, hangs, is half done, answers
/// garbage, and the agent itself is ended in the middle. Afterwards nothing was changed that is not
/// recorded, nothing is left open, no volume is half grown without somebody being told, and no
/// policy has stopped.
class UnreliableHostTest {
  private static final String RULES =
      """
      policies:
        - id: hourly
          volumes:
            - name: home
            - name: mail
          together: true
          schedule: 0 * * * *
          retention:
            last: 2
            daily: 0
            weekly: 0
            monthly: 0
      growth:
        - name: pools
          pool: vg0/*
          threshold: 80%
          step: 20%
          maximum: 40GiB
        - name: raw
          volume: vg0/raw
          fileSystem: grow
          threshold: 80%
          step: 20%
          maximum: 40GiB
      """;

  /// One host and the agents that look after it one after the other.
  private static final class Story implements AutoCloseable {
    private final Path folder;
    private final Workplace place;
    private final MemorySystem system;
    private final List<String> written;
    private final List<PolicyTerms> policies;
    private RealHand hand;
    private Settlement settlement;
    private Protection protection;
    private GrowthRun growth;

    Story() throws IOException {
      var memory = Path.of("/dev/shm");
      folder =
          Files.isWritable(memory)
              ? Files.createTempDirectory(memory, "story")
              : Files.createTempDirectory("story");
      place = new Workplace(folder);
      policies = place.configure(RULES).policies().stream().map(PolicyTerms::of).toList();
      system = new MemorySystem("host", place.time).group("vg0", 100 * GIB);
      system.thinPool("vg0", "thin", 20 * GIB, GIB);
      written =
          List.of(
              system.thinVolume("thin", "home", 20 * GIB),
              system.thinVolume("thin", "mail", 20 * GIB),
              system.thickVolume("vg0", "raw", 10 * GIB));
      start();
    }

    private void start() {
      var host =
          Workplace.host(system, ScriptedCommands.answering(_ -> ScriptedCommands.success("")));
      hand = new RealHand(place.ledger(), place.time);
      settlement = new Settlement(host, hand, place.ledger(), place.troubles(), place.time);
      protection =
          new Protection(
              host,
              hand,
              place.ledger(),
              place.runs(),
              place.troubles(),
              Foresight.none(),
              place.time,
              () -> Duration.ZERO,
              Set.of(),
              TrashSettings::standard);
      growth =
          new GrowthRun(
              host,
              hand,
              AuditIndex.view(place.state().database()),
              place.troubles(),
              Foresight.none());
    }

    /// What the lanes of an agent do, in a row. A crash is a restart.
    void round() throws IOException, InterruptedException {
      try {
        if (hand.isInDoubt()) {
          hand.inDoubt(false);
          if (!settlement.settle()) {
            hand.inDoubt(true);
          }
        }
        var inventory = system.inventory();
        growth.run(
            GrowthItem.of(
                "host", inventory, place.state().configuration().get().growth(), Foresight.none()),
            inventory,
            place.time.instant());
        protection.round(policies);
      } catch (StorageFailure | IllegalStateException failed) {
        // As a lane does: the next round comes all the same. Whether it was settled is not known.
        hand.inDoubt(true);
      } catch (MemorySystem.Crash crash) {
        place.restart();
        start();
      }
    }

    @Override
    public void close() throws IOException {
      place.close();
      try (var files = Files.walk(folder)) {
        for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  @SeededTest(seeds = 1000)
  void nothingIsForgottenWhateverGoesWrong(Random random) throws Exception {
    try (var story = new Story()) {
      story.round();
      story.system.unreliable(random, 0.15, EnumSet.allOf(Mishap.class));
      for (var round = 0; round < 6; round++) {
        story.place.time.pass(Duration.ofMinutes(20 + random.nextInt(40)));
        story.system.write(story.written.get(random.nextInt(3)), random.nextInt(4) * GIB);
        story.round();
        checkHalfGrown(story);
      }
      story.system.reliable();
      for (var round = 0; round < 2; round++) {
        story.place.time.pass(Duration.ofHours(1));
        story.round();
      }
      checkRecord(story);
      checkNothingIsOpen(story);
      checkSnapshots(story);
    }
  }

  /// Every change that the system made has a line before it, and after it at the end.
  private static void checkRecord(Story story) throws IOException {
    var records = story.place.records();
    var begun = hashes(records, true);
    var ended = hashes(records, false);
    for (var plan : story.system.applied()) {
      assertThat(begun).contains(Ledger.hash(plan));
    }
    assertThat(ended).containsAll(begun);
    assertThat(story.place.isIntact()).isTrue();
  }

  private static Set<String> hashes(List<AuditRecord> records, boolean begun) {
    return records.stream()
        .filter(one -> one.entry().verb().startsWith(Ledger.BEGIN) == begun)
        .map(one -> one.entry().decision())
        .filter(hash -> !hash.isEmpty())
        .collect(Collectors.toSet());
  }

  private static void checkNothingIsOpen(Story story) throws StorageFailure {
    assertThat(story.place.ledger().open("host")).isEmpty();
    assertThat(story.system.unfinished()).isEmpty();
    assertThat(story.place.runs().underWay("host")).isEmpty();
    assertThat(story.place.troubles().of("host"))
        .noneMatch(trouble -> trouble.kind() == Trouble.Kind.PLAN_UNFINISHED);
    var raw = find(story, "raw");
    assertThat(Objects.requireNonNull(raw.fileSystem()).usage().sizeBytes())
        .isEqualTo(raw.sizeBytes());
  }

  private static Volume find(Story story, String name) throws StorageFailure {
    return story.system.inventory().volume("vg0/" + name).orElseThrow();
  }

  /// While it is larger than its file system, somebody has been told or will be at the next round.
  private static void checkHalfGrown(Story story) {
    var raw =
        story.system.contents().volumes().stream()
            .filter(volume -> volume.name().equals("raw"))
            .findFirst()
            .orElseThrow();
    var isHalf =
        Objects.requireNonNull(Objects.requireNonNull(raw.fileSystem()).usage()).sizeBytes()
            < raw.sizeBytes();
    if (isHalf) {
      assertThat(story.hand.isInDoubt() || !story.place.troubles().of("host").isEmpty()).isTrue();
    }
  }

  /// No run was made twice, groups are whole, and the policy goes on.
  private static void checkSnapshots(Story story) throws StorageFailure {
    var made = madeAndNotTakenBack(story.system.applied());
    var hourly = Task.snapshot("hourly");
    for (var run : story.place.runs().latest(hourly, "host", Integer.MAX_VALUE)) {
      if (run.succeeded()) {
        var key = new RunKey("hourly", run.scheduledAt());
        assertThat(made).contains(key.snapshotName("home"), key.snapshotName("mail"));
      }
    }
    assertThat(story.system.inventory().volumes())
        .anyMatch(volume -> volume.isSnapshot() && !isInTrash(volume));
    assertThat(story.place.runs().last(hourly, "host").orElseThrow().succeeded()).isTrue();
  }

  /// The names of the snapshots that were made. One is made again only after it was taken back,
  /// because its group was not complete: that goes into the trash for no time at all, unlike what a
  /// policy no longer keeps.
  private static Set<String> madeAndNotTakenBack(List<Plan> applied) {
    var made = new HashSet<String>();
    for (var plan : applied) {
      switch (plan.change()) {
        case Change.CreateSnapshot snapshot ->
            assertThat(made.add(snapshot.name())).as(snapshot.name()).isTrue();
        case Change.Trash trash when trash.timeToLive().isZero() -> {
          var title = plan.steps().getFirst().title();
          assertThat(made.removeIf(title::contains)).as(title).isTrue();
        }
        default -> {}
      }
    }
    return made;
  }

  private static boolean isInTrash(Volume volume) {
    return volume.tags().stream().anyMatch(tag -> tag.startsWith("lumeo.trash"));
  }
}
