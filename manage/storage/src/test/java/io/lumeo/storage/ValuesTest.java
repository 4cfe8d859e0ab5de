package io.lumeo.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Plans are kept in files and compared after a restart, so all that they hold is compared by
/// value.
class ValuesTest {

  static Stream<Function<String, Change>> changes() {
    var none = new TreeSet<String>();
    return Stream.of(
        of -> new Change.CreateSnapshot(of, "s", new Change.StoreSize.Bytes(7), true, true, none),
        of ->
            new Change.CreateSnapshot(of, "s", new Change.StoreSize.OfOrigin(20), true, true, none),
        of -> new Change.CreateClone(of, "c", true, none),
        of -> new Change.CreateVolume(of, "v", 1, none),
        of -> new Change.CreateThinPool(of, "p", 1, null, null, List.of(), List.of(), null, none),
        of -> new Change.ExtendVolume(of, 1, Change.WithFileSystem.GROW),
        of -> new Change.ExtendVolume(of, 1, Change.WithFileSystem.LEAVE),
        Change.GrowFileSystem::new,
        of -> new Change.ExtendSnapshotStore(of, 1),
        of -> new Change.ExtendPoolData(of, 1),
        of -> new Change.ExtendPoolMetadata(of, 1),
        of -> new Change.AddDevices(of, List.of("/dev/sdb")),
        of -> new Change.RollBack(of, "s", true, null),
        Change.Trim::new,
        of -> new Change.SetDiscards(of, "passdown"),
        of -> new Change.Activate(of, true),
        of -> new Change.Rename(of, "n"),
        of -> new Change.SetTags(of, none, none),
        of -> new Change.Trash(of, Duration.ofDays(7)),
        Change.RestoreFromTrash::new,
        Change.Purge::new,
        of -> new Change.SetSelfExtension(of, new Pool.SelfExtension(70, 20, true, null)),
        of -> new Change.RestoreGroupMetadata(of, "b"));
  }

  @ParameterizedTest
  @MethodSource("changes")
  void aChangeEqualsAnotherThatSaysTheSameAndNoOther(Function<String, Change> change) {
    assertThat(change.apply("a")).isEqualTo(change.apply("a")).isNotEqualTo(change.apply("b"));
  }

  @Test
  void aPlanWithoutStepsHasNothingToDo() {
    var change = new Change.Trim("v");
    var step = new Plan.Step("trim", List.of("fstrim", "-v", "/srv"), List.of());
    var idle = new Plan("1", "here", change, "g", 3, List.of(), List.of(), List.of(), List.of());
    var busy =
        new Plan("1", "here", change, "g", 3, List.of(), List.of(step), List.of(), List.of());
    assertThat(idle.isEmpty()).isTrue();
    assertThat(busy.isEmpty()).isFalse();
    assertThat(new UnfinishedPlan(busy, Instant.EPOCH, 0))
        .isNotEqualTo(new UnfinishedPlan(busy, Instant.EPOCH, 1));
    assertThat(new Outcome("1", Outcome.Result.DONE, List.of("v"), List.of(), List.of()))
        .isNotEqualTo(new Outcome("1", Outcome.Result.UNDONE, List.of("v"), List.of(), List.of()));
    assertThat(new UsageSample("v", new Usage(2, 1), null, Health.ok()))
        .isEqualTo(new UsageSample("v", new Usage(2, 1), null, Health.ok()));
    assertThat(new InspectionRequest("s", true, List.of(), Map.of(), List.of("etc"), Path.of("/r")))
        .isEqualTo(
            new InspectionRequest("s", true, List.of(), Map.of(), List.of("etc"), Path.of("/r")));
    assertThat(new FileSystem("xfs", null, "/srv", null))
        .isNotEqualTo(new FileSystem("xfs", null, null, null));
    assertThat(new Inventory.Device("d", "/dev/sdb", "", new Usage(1, 0), false))
        .isNotEqualTo(new Inventory.Device("d", "/dev/sdb", "", new Usage(1, 0), true));
  }

  @Test
  void everyFailureSaysWhatItWasTold() {
    var cause = new IllegalStateException("why");
    var failures =
        List.of(
            new StorageFailure.NotFound("m"),
            new StorageFailure.Refused("m"),
            new StorageFailure.Moved("m"),
            new StorageFailure.Busy("m"),
            new StorageFailure.OutOfSpace("m", 4096),
            new StorageFailure.CommandFailed("m"),
            new StorageFailure.CommandFailed("m", cause),
            new StorageFailure.TimedOut("m"),
            new StorageFailure.Unreachable("m"),
            new StorageFailure.Unreachable("m", cause),
            new StorageFailure.Partial("m", cause),
            new StorageFailure.Unsupported("m"),
            new StorageFailure.Cancelled("m"));
    assertThat(failures).allSatisfy(failure -> assertThat(failure).hasMessage("m"));
    assertThat(failures).filteredOn(failure -> cause.equals(failure.getCause())).hasSize(3);
    assertThat(new StorageFailure.OutOfSpace("m", 4096).missingBytes()).isEqualTo(4096);
  }

  @Test
  void nobodyListeningStopsNothing() {
    Progress.none().report("copying", 1, 2);
    assertThat(Progress.none().isCancelled()).isFalse();
  }
}
