package io.lumeo.lvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.lvm.SimulatedHost.Killed;
import io.lumeo.lvm.SimulatedHost.Trouble;
import io.lumeo.storage.Change;
import io.lumeo.storage.Change.WithFileSystem;
import io.lumeo.storage.ChangeLocks;
import io.lumeo.storage.Json;
import io.lumeo.storage.Outcome.Result;
import io.lumeo.storage.OwnTags;
import io.lumeo.storage.Plan;
import io.lumeo.storage.PlanEntry;
import io.lumeo.storage.PlanJournal;
import io.lumeo.storage.Pool.SelfExtension;
import io.lumeo.storage.Progress;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.UnfinishedPlan;
import io.lumeo.testing.SeededTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.io.TempDir;

/// A plan is run on a host whose commands fail, hang, are killed or answer garbage, or our own
/// process dies; then a new process takes over. Whatever befell it:
///
/// - nothing was done to the host that the journal did not say was about to be done,
/// - no lock is left,
/// - what was begun is reported until it is finished or taken back, and then it is whole.
class PlansUnderTroubleTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  @TempDir Path folder;

  @SeededTest(seeds = 1000)
  void whateverBefallsAPlanItIsReportedAndFinishedOrTakenBack(Random random)
      throws StorageFailure, IOException {
    var host = host();
    var unjournaled = watch(host);
    var change = change(host, random);
    var first = system(host, random.nextLong());
    var plan = first.plan(change);
    var trouble = trouble(random);
    host.inject(trouble, random.nextInt(12 + 4 * plan.steps().size()));
    var before = host.shape();
    boolean succeeded = apply(first, plan);
    host.heal();
    if (!succeeded && !host.shape().equals(before)) {
      assertThat(isDone(plan) || !first.unfinished().isEmpty())
          .as("half done and not reported")
          .isTrue();
    }

    var second = system(host, random.nextLong());
    if (random.nextInt(3) == 0) {
      host.inject(trouble(random), random.nextInt(20));
      endAll(second, random);
    }
    host.heal();
    second = system(host, random.nextLong());
    endAll(second, random);

    assertThat(unjournaled).as("done without the journal's knowledge").isEmpty();
    assertThat(second.unfinished()).isEmpty();
    noLockIsLeft();
    everythingIsWhole(host, change);
  }

  private static Trouble trouble(Random random) {
    var all = List.of(Trouble.values());
    return all.get(random.nextInt(all.size()));
  }

  private LvmSystem system(SimulatedHost host, long seed) {
    return new LvmSystem(
        "host", host, folder, DriverRules.defaults(), InstantSource.fixed(NOW), new Random(seed));
  }

  private static SimulatedHost host() {
    var host = new SimulatedHost();
    host.blankDevices.add("/dev/sdc");
    host.thick("data", 50).with("ext4", "/srv");
    host.thick("logs", 50).with("xfs", "/var/log");
    host.thick("origin", 40).with("ext4", "");
    host.classic("origin-snap", "origin", 10);
    host.pool("pool", 200);
    host.thin("home", "pool", 100).with("ext4", "");
    host.thin("mail", "pool", 100).with("xfs", "/mail");
    host.thin("home-snap", "pool", 100).tagged(OwnTags.MANAGED, "lumeo.policy=p").origin = "home";
    host.thin("mail-snap", "pool", 100).tagged(OwnTags.MANAGED).origin = "mail";
    host.thin("old", "pool", 10).tagged(OwnTags.MANAGED);
    host.thin("gone", "pool", 10)
        .tagged(OwnTags.MANAGED, OwnTags.trash("gone-before"), OwnTags.trashUntil(NOW));
    return host;
  }

  private static Change change(SimulatedHost host, Random random) {
    var none = new TreeSet<String>();
    long mib = 1 << 20;
    var changes =
        List.<Change>of(
            new Change.CreateSnapshot(
                uuid(host, "data"), "s", new Change.StoreSize.OfOrigin(20), true, true, none),
            new Change.CreateSnapshot(uuid(host, "home"), "s", null, false, true, none),
            new Change.CreateClone(uuid(host, "home-snap"), "c", true, none),
            new Change.CreateVolume(SimulatedHost.GROUP_UUID, "v", 100 * mib, none),
            new Change.CreateVolume(uuid(host, "pool"), "v", 100 * mib, none),
            new Change.CreateThinPool(
                SimulatedHost.GROUP_UUID,
                "p",
                400 * mib,
                null,
                null,
                List.of("/dev/sda"),
                List.of("/dev/sdb"),
                null,
                none),
            new Change.ExtendVolume(uuid(host, "data"), 300 * mib, WithFileSystem.GROW),
            new Change.ExtendVolume(uuid(host, "logs"), 300 * mib, WithFileSystem.GROW),
            new Change.ExtendVolume(uuid(host, "home"), 500 * mib, WithFileSystem.GROW),
            new Change.ExtendVolume(uuid(host, "mail"), 500 * mib, WithFileSystem.GROW),
            new Change.ExtendSnapshotStore(uuid(host, "origin-snap"), 60 * mib),
            new Change.ExtendPoolData(uuid(host, "pool"), 1000 * mib),
            new Change.ExtendPoolMetadata(uuid(host, "pool"), 32 * mib),
            new Change.AddDevices(SimulatedHost.GROUP_UUID, List.of("/dev/sdc")),
            new Change.RollBack(uuid(host, "home"), uuid(host, "home-snap"), true, "safety"),
            new Change.RollBack(uuid(host, "mail"), uuid(host, "mail-snap"), true, "safety"),
            new Change.Trim(uuid(host, "mail")),
            new Change.SetDiscards(uuid(host, "pool"), "nopassdown"),
            new Change.Activate(uuid(host, "home"), false),
            new Change.Rename(uuid(host, "home"), "house"),
            new Change.SetTags(uuid(host, "data"), new TreeSet<>(Set.of("a=b")), none),
            new Change.Trash(uuid(host, "old"), Duration.ofDays(7)),
            new Change.RestoreFromTrash(uuid(host, "gone")),
            new Change.Purge(uuid(host, "gone")),
            new Change.SetSelfExtension(uuid(host, "pool"), new SelfExtension(70, 20, true, null)));
    return changes.get(random.nextInt(changes.size()));
  }

  private static String uuid(SimulatedHost host, String name) {
    return host.named(name).uuid;
  }

  /// Notes each change of the host for which no step in the journal has begun, or is being taken
  /// back.
  private List<List<String>> watch(SimulatedHost host) {
    var unjournaled = new ArrayList<List<String>>();
    host.beforeEachChange(arguments -> {
      try {
        boolean known =
            journal().unfinished().stream().anyMatch(entry -> speaksOf(entry, arguments));
        if (!known) {
          unjournaled.add(arguments);
        }
      } catch (StorageFailure e) {
        throw new AssertionError(e);
      }
    });
    return unjournaled;
  }

  private PlanJournal<PlanEntry<Step>> journal() {
    return PlanEntry.journal(folder.resolve("plans/host"), new LvmStepCodec());
  }

  private static boolean speaksOf(PlanEntry<Step> entry, List<String> arguments) {
    for (int i = 0; i < entry.states().size(); i++) {
      var step = entry.draft().steps().get(i);
      boolean running =
          entry.states().get(i) == PlanEntry.State.BEGUN && ends(step.arguments(), arguments);
      if (running || ends(step.undo(), arguments)) {
        return true;
      }
    }
    return false;
  }

  /// The host sees an LVM command without its first words.
  private static boolean ends(List<String> whole, List<String> seen) {
    return whole.size() >= seen.size()
        && whole.subList(whole.size() - seen.size(), whole.size()).equals(seen);
  }

  /// Whether the plan had come to its good end, and something befell what comes after it.
  private boolean isDone(Plan plan) throws IOException {
    var entry = folder.resolve("plans/host/ended").resolve(plan.id() + ".json");
    return Files.exists(entry)
        && Json.text(Json.MAPPER.readTree(Files.readAllBytes(entry)), "ending").startsWith("DONE");
  }

  private static boolean apply(LvmSystem system, Plan plan) {
    try {
      return system.apply(plan, Progress.none()).result() != Result.UNDONE;
    } catch (StorageFailure | Killed e) {
      assertThat(e).isNotNull();
      return false;
    }
  }

  private static void endAll(LvmSystem system, Random random) {
    try {
      for (var unfinished : system.unfinished()) {
        end(system, unfinished, random.nextBoolean());
      }
    } catch (StorageFailure | Killed e) {
      assertThat(e).isNotNull(); // it is tried again when the host is well
    }
  }

  /// Takes the plan back if that is wanted and possible, else finishes it.
  private static void end(LvmSystem system, UnfinishedPlan unfinished, boolean back)
      throws StorageFailure {
    if (back) {
      try {
        assertThat(system.undo(unfinished, Progress.none()).result()).isEqualTo(Result.UNDONE);
        return;
      } catch (StorageFailure.Refused cannotBeTakenBack) {
        assertThat(cannotBeTakenBack).hasMessageContaining("finish it");
      }
    }
    system.finish(unfinished, Progress.none());
  }

  private void noLockIsLeft() throws StorageFailure {
    new ChangeLocks(folder.resolve("locks/host")).take(SimulatedHost.GROUP_UUID, "vg").close();
  }

  private void everythingIsWhole(SimulatedHost host, Change change) {
    for (var lv : host.volumes.values()) {
      if (!lv.content.isEmpty() && !lv.kind.equals("snapshot") && lv.origin.isEmpty()) {
        assertThat(lv.contentBytes)
            .as("%s is larger than its file system after %s", lv.name, change)
            .isEqualTo(lv.extents * SimulatedHost.EXTENT);
      }
      assertThat(lv.name.startsWith("lumeo-meta-") || lv.name.startsWith("lumeo-verify-"))
          .as("a part is left: " + lv.name)
          .isFalse();
      boolean trashed = OwnTags.trashedNameIn(lv.tags).isPresent();
      assertThat(lv.name.startsWith(TrashPlans.TRASH_NAME) && !trashed)
          .as("in the trash without its tags: " + lv.name)
          .isFalse();
    }
    if (change instanceof Change.RollBack rollBack && !rollBack.volume().isEmpty()) {
      assertThat(host.find("home-snap").isPresent() && host.find("mail-snap").isPresent())
          .as("the snapshots are kept")
          .isTrue();
    }
    assertThat(leftNew()).isEmpty();
  }

  private List<Path> leftNew() {
    try (var files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".json")).filter(this::open).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean open(Path file) {
    return file.getParent().equals(folder.resolve("plans/host"));
  }
}
