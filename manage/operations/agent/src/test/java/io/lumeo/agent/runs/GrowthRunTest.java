package io.lumeo.agent.runs;

import static io.lumeo.agent.Workplace.GIB;
import static org.assertj.core.api.Assertions.assertThat;

import io.lumeo.agent.DryHand;
import io.lumeo.agent.Foresight;
import io.lumeo.agent.Hand;
import io.lumeo.agent.HostSetup;
import io.lumeo.agent.RealHand;
import io.lumeo.agent.Trouble;
import io.lumeo.agent.Workplace;
import io.lumeo.audit.AuditIndex;
import io.lumeo.audit.AuditResult;
import io.lumeo.configuration.GrowthSettings;
import io.lumeo.policies.GrowthTarget;
import io.lumeo.storage.Change;
import io.lumeo.storage.Health;
import io.lumeo.storage.Pool;
import io.lumeo.storage.Progress;
import io.lumeo.storage.StorageFailure;
import io.lumeo.testing.MemorySystem;
import io.lumeo.testing.MemorySystem.Mishap;
import io.lumeo.testing.ScriptedCommands;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GrowthRunTest {
  @TempDir Path folder;
  private Workplace place;
  private MemorySystem system;
  private String home;
  private GrowthRun growth;
  private Foresight foresight = Foresight.none();

  @BeforeEach
  void open() throws IOException {
    place = new Workplace(folder);
    system = new MemorySystem("host", place.time).group("vg0", 100 * GIB);
    system.thinPool("vg0", "thin", 10 * GIB, GIB);
    home = system.thinVolume("thin", "home", 20 * GIB);
    growth = growth(new RealHand(place.ledger(), place.time));
  }

  @AfterEach
  void close() throws IOException {
    place.close();
  }

  private GrowthRun growth(Hand hand) {
    return new GrowthRun(
        host(),
        hand,
        AuditIndex.view(place.state().database()),
        place.troubles(),
        new Foreseeing());
  }

  private HostSetup host() {
    return Workplace.host(
        system,
        ScriptedCommands.answering(command ->
            command.arguments().getLast().matches("/dev/(spare|used)")
                ? ScriptedCommands.success(GIB + "\n")
                : ScriptedCommands.failure(1, "no such device")));
  }

  private RunReport grow(String rules) throws Exception {
    return grow(growth, rules);
  }

  private RunReport grow(GrowthRun with, String rules) throws Exception {
    var settings = place.configure("growth:\n" + rules).growth();
    var inventory = system.inventory();
    return with.run(items(settings), inventory, place.time.instant());
  }

  private List<GrowthItem> items(List<GrowthSettings> settings) throws StorageFailure {
    return GrowthItem.of("host", system.inventory(), settings, foresight);
  }

  private Pool thin() throws StorageFailure {
    return system.inventory().pool("thin").orElseThrow();
  }

  private List<Trouble.Kind> troubles() {
    return place.troubles().of("host").stream().map(Trouble::kind).toList();
  }

  private static final String POOLS =
      """
        - name: pools
          pool: vg0/*
          threshold: 80%
          step: 20%
          maximum: 20GiB
          reserve: 1GiB
      """;

  @Test
  void aPoolGrowsByItsStepWhenItIsFilledToItsThreshold() throws Exception {
    assertThat(grow(POOLS).lines()).isEmpty();
    system.write(home, 8 * GIB);

    var report = grow(POOLS);

    assertThat(report.lines())
        .singleElement()
        .satisfies(line -> {
          assertThat(line.object()).isEqualTo("vg0/thin data");
          assertThat(line.upshot().isGood()).isTrue();
        });
    assertThat(thin().data().sizeBytes()).isEqualTo(12 * GIB);
    assertThat(place.records("grow.pool-data").getFirst().entry())
        .satisfies(entry -> {
          assertThat(entry.actor()).isEqualTo("growth:pools");
          assertThat(entry.reason()).contains("vg0/thin data is 80 % full, at or over 80 %");
        });
    assertThat(grow(POOLS).lines()).isEmpty();
  }

  @Test
  void itNeverGrowsPastItsMaximumAndSaysSoOnceAnHour() throws Exception {
    for (var i = 0; i < 40; i++) {
      system.write(home, GIB);
      grow(POOLS);
      place.time.pass(Duration.ofMinutes(11));
    }
    assertThat(thin().data().sizeBytes()).isEqualTo(20 * GIB);
    assertThat(troubles()).contains(Trouble.Kind.EXTENSION_FAILED);
    assertThat(place.results("grow.pool-data"))
        .contains(AuditResult.REFUSED)
        .filteredOn(result -> result == AuditResult.REFUSED)
        .hasSizeLessThan(7);

    system.freeData("thin", 15 * GIB);
    grow(POOLS);
    assertThat(troubles()).isEmpty();
  }

  @Test
  void metadataGrowsWithItsSpareFromSeventyPercentOn() throws Exception {
    system.useMetadata("thin", GIB * 7 / 10 + 1);

    grow(POOLS);

    assertThat(thin().metadata().sizeBytes()).isGreaterThan(GIB);
    assertThat(place.results("grow.pool-metadata")).containsExactly(AuditResult.DONE);
  }

  @Test
  void metadataHasARuleOfItsOwnWhenTheConfigurationGivesOne() throws Exception {
    var rules =
        POOLS
            + """
                metadata:
                  threshold: 50%
                  step: 512MiB
                  maximum: 2GiB
            """;
    system.useMetadata("thin", GIB / 2);
    grow(rules);
    assertThat(thin().metadata().sizeBytes()).isEqualTo(GIB * 3 / 2);
  }

  private static Foresight dataFullInTwoHours() {
    return new Foresight() {
      @Override
      public OptionalLong fillBytesPerHour(String system, String uuid, GrowthTarget target) {
        return OptionalLong.of(0);
      }

      @Override
      public Optional<Duration> timeToFull(String system, String uuid, GrowthTarget target) {
        return target == GrowthTarget.POOL_DATA
            ? Optional.of(Duration.ofHours(2))
            : Optional.empty();
      }

      @Override
      public OptionalLong changedBytesPerHour(String system, String uuid) {
        return OptionalLong.empty();
      }
    };
  }

  /// What is foreseen in the test at the time of the question.
  private final class Foreseeing implements Foresight {
    @Override
    public OptionalLong fillBytesPerHour(String system, String uuid, GrowthTarget target) {
      return foresight.fillBytesPerHour(system, uuid, target);
    }

    @Override
    public Optional<Duration> timeToFull(String system, String uuid, GrowthTarget target) {
      return foresight.timeToFull(system, uuid, target);
    }

    @Override
    public OptionalLong changedBytesPerHour(String system, String uuid) {
      return foresight.changedBytesPerHour(system, uuid);
    }
  }

  /// Below its threshold, it is the forecast alone that wants it to grow: after the device has
  /// joined as much as before.
  @Test
  void aSpareDeviceThatTheForecastWantedIsGrownIntoAtOnce() throws Exception {
    system = new MemorySystem("host", place.time).group("vg0", 13 * GIB);
    system.thinPool("vg0", "thin", 10 * GIB, GIB / 2);
    home = system.thinVolume("thin", "home", 20 * GIB);
    growth = growth(new RealHand(place.ledger(), place.time));
    foresight = dataFullInTwoHours();
    system.write(home, 5 * GIB);

    grow(POOLS + "    leadTime: 3h\n    spareDevices: [/dev/spare]\n");

    assertThat(system.applied().stream().map(plan -> plan.change().getClass().getSimpleName()))
        .containsExactly("AddDevices", "ExtendPoolData");
  }

  @Test
  void itGrowsBelowItsThresholdWhenTheForecastSaysSo() throws Exception {
    system.write(home, 5 * GIB);
    foresight = dataFullInTwoHours();
    grow(POOLS + "    leadTime: 3h\n");

    assertThat(thin().data().sizeBytes()).isEqualTo(12 * GIB);
    assertThat(place.records("grow.pool-data").getFirst().entry().reason())
        .contains("may be full in 2 h");
  }

  @Test
  void aSpareDeviceJoinsTheGroupThatHasTooLittleAndThenItGrows() throws Exception {
    system = new MemorySystem("host", place.time).group("vg0", 13 * GIB);
    system.thinPool("vg0", "thin", 10 * GIB, GIB / 2);
    home = system.thinVolume("thin", "home", 20 * GIB);
    growth = growth(new RealHand(place.ledger(), place.time));
    var rules = POOLS + "    spareDevices: [/dev/nothing, /dev/spare]\n";
    system.write(home, 9 * GIB);

    var report = grow(rules);

    assertThat(report.lines()).hasSize(2);
    assertThat(system.applied().stream().map(plan -> plan.change().getClass().getSimpleName()))
        .containsExactly("AddDevices", "ExtendPoolData");
    assertThat(thin().data().sizeBytes()).isEqualTo(12 * GIB);
    assertThat(system.inventory().devices()).anyMatch(device -> device.path().equals("/dev/spare"));
    // A device that has joined is no spare any more.
    system.write(home, 2 * GIB);
    place.time.pass(Duration.ofHours(1));
    grow(rules);
    assertThat(system.applied()).hasSizeLessThanOrEqualTo(3);
    assertThat(troubles()).contains(Trouble.Kind.EXTENSION_FAILED);
    assertThat(place.troubles().of("host").getFirst().reason()).contains("add a device of");
  }

  @Test
  void aSpareThatHoldsSomethingIsPassedOverAndSaid() throws Exception {
    system = new MemorySystem("host", place.time).group("vg0", 13 * GIB).deviceInUse("/dev/used");
    system.thinPool("vg0", "thin", 10 * GIB, GIB / 2);
    home = system.thinVolume("thin", "home", 20 * GIB);
    growth = growth(new RealHand(place.ledger(), place.time));
    system.write(home, 9 * GIB);

    grow(POOLS + "    spareDevices: [/dev/used, /dev/spare]\n");
    assertThat(system.inventory().devices()).anyMatch(device -> device.path().equals("/dev/spare"));
    assertThat(thin().data().sizeBytes()).isEqualTo(12 * GIB);
    assertThat(troubles()).isEmpty();
    assertThat(place.records("grow.pool-data").getFirst().entry().result())
        .isEqualTo(AuditResult.DONE);

    system.write(home, 2 * GIB);
    place.time.pass(Duration.ofHours(1));
    grow(POOLS + "    spareDevices: [/dev/used, /dev/spare]\n");
    assertThat(place.troubles().of("host").getFirst().reason())
        .contains(
            "are needed; its spare /dev/used cannot be taken: /dev/used holds something; add a")
        .doesNotContain("/dev/spare");
  }

  @Test
  void twoThatGrowAtOnceLeaveTheReserveOfTheirGroup() throws Exception {
    system = new MemorySystem("host", place.time).group("vg0", 15 * GIB);
    for (var name : List.of("one", "other")) {
      system.write(system.thickVolume("vg0", name, 5 * GIB), 4 * GIB + GIB / 2);
    }
    growth = growth(new RealHand(place.ledger(), place.time));
    var rules =
        """
          - {name: all, volume: vg0/*, threshold: 80%, step: 3GiB, reserve: 1GiB}
        """;

    grow(rules);

    assertThat(system.applied()).hasSize(2);
    assertThat(system.inventory().pool("vg0").orElseThrow().data().freeBytes()).isEqualTo(GIB);
    assertThat(troubles()).isEmpty();
  }

  @Test
  void aGroupThatCouldNotPayForTheNextStepIsSaidBeforeItIsNeeded() throws Exception {
    system = new MemorySystem("host", place.time).group("vg0", 12 * GIB);
    system.thinPool("vg0", "thin", 10 * GIB, GIB / 2);
    growth = growth(new RealHand(place.ledger(), place.time));

    grow(POOLS);

    assertThat(troubles()).containsOnly(Trouble.Kind.GROUP_CANNOT_EXTEND);
    system.group("vg1", GIB);
    assertThat(system.applied()).isEmpty();
  }

  private static final String DELEGATED =
      """
        - name: pools
          pool: vg0/*
          mode: delegate
          threshold: 80%
      """;

  @Test
  void aDelegatedPoolIsGivenItsProfile() throws Exception {
    system.write(home, 9 * GIB);
    assertThat(grow(DELEGATED).lines())
        .singleElement()
        .satisfies(line -> assertThat(line.upshot().isGood()).isTrue());

    assertThat(system.applied())
        .singleElement()
        .satisfies(plan ->
            assertThat(plan.change())
                .isEqualTo(
                    new Change.SetSelfExtension(
                        thin().uuid(), new Pool.SelfExtension(80, 20, true, null))));
    assertThat(place.records("grow.delegate").getFirst().entry().reason())
        .contains("which is to extend it by 20 % when it is 80 % full");
    assertThat(grow(DELEGATED).lines()).isEmpty();
    assertThat(troubles()).isEmpty();

    // Somebody else has changed it.
    system.setSelfExtension("thin", new Pool.SelfExtension(70, 30, true, null));
    place.time.pass(Duration.ofHours(1));
    grow(DELEGATED);
    assertThat(thin().selfExtension()).isEqualTo(new Pool.SelfExtension(80, 20, true, null));
  }

  @Test
  void whatItsSystemWillNotExtendIsTroubleAndToldAnHourLater() throws Exception {
    grow(DELEGATED);
    // As if dmeventd had died.
    system.setSelfExtension("thin", new Pool.SelfExtension(80, 20, false, null));
    grow(DELEGATED);
    place.time.pass(Duration.ofMinutes(1));
    grow(DELEGATED);
    assertThat(troubles()).containsOnly(Trouble.Kind.AUTOEXTEND_MISCONFIGURED);
    assertThat(system.applied()).hasSize(1);
    assertThat(place.results("grow.pool-data")).containsExactly(AuditResult.REFUSED);

    place.time.pass(Duration.ofHours(1));
    grow(DELEGATED);
    assertThat(system.applied()).hasSize(2);
    place.time.pass(Duration.ofSeconds(15));
    grow(DELEGATED);
    assertThat(troubles()).isEmpty();
  }

  @Test
  void aSystemThatTakesNoOrdersIsTrouble() throws Exception {
    var settings = place.configure("growth:\n" + DELEGATED).growth();
    var seen = items(settings);
    var inventory = system.inventory();
    system.unreliable(new Random(1), 1, EnumSet.of(Mishap.FAILS));
    growth.run(seen, inventory, place.time.instant());
    assertThat(troubles()).containsOnly(Trouble.Kind.AUTOEXTEND_MISCONFIGURED);
    assertThat(place.results("grow.delegate")).containsExactly(AuditResult.FAILED);
  }

  @Test
  void whatItsSystemWouldExtendPastItsLimitsIsTrouble() throws Exception {
    system.setSelfExtension("thin", new Pool.SelfExtension(80, 20, true, null));
    grow(DELEGATED + "    maximum: 11GiB\n");

    assertThat(system.applied()).isEmpty();
    assertThat(place.troubles().of("host"))
        .anySatisfy(trouble -> {
          assertThat(trouble.kind()).isEqualTo(Trouble.Kind.SELF_EXTENSION_BEYOND_LIMIT);
          assertThat(trouble.object()).isEqualTo("vg0/thin data");
          assertThat(trouble.reason()).contains("past its maximum of 11 GiB");
        });
    grow(DELEGATED);
    assertThat(troubles()).isEmpty();
  }

  @Test
  void twoThatExtendOnePoolAreRefused() throws Exception {
    system.setSelfExtension("thin", new Pool.SelfExtension(70, 20, true, null));
    system.write(home, 9 * GIB);
    grow(POOLS);

    assertThat(system.applied()).isEmpty();
    assertThat(place.records("grow.pool-data").getFirst().entry().reason())
        .contains("two that extend it would extend it twice");
  }

  private static final String HOME =
      """
        - name: home
          volume: vg0/raw
          mountPoint: /srv/raw
          fileSystem: grow
          threshold: 80%
          step: 2GiB
          maximum: 30GiB
      """;

  @Test
  void aVolumeGrowsWithItsFileSystem() throws Exception {
    var raw = system.thickVolume("vg0", "raw", 10 * GIB);
    system.write(raw, 9 * GIB);
    grow(HOME);

    var grown = system.inventory().volume(raw).orElseThrow();
    assertThat(grown.sizeBytes()).isEqualTo(12 * GIB);
    assertThat(grown.fileSystem().usage().sizeBytes()).isEqualTo(12 * GIB);
    system.setMounted(raw, false);
    assertThat(items(place.configure("growth:\n" + HOME).growth())).isEmpty();
  }

  @Test
  void aVolumeThatIsLargerThanItsFileSystemIsFinished() throws Exception {
    var raw = system.thickVolume("vg0", "raw", 10 * GIB);
    system.apply(
        system.plan(new Change.ExtendVolume(raw, 20 * GIB, Change.WithFileSystem.LEAVE)),
        Progress.none());

    grow(HOME);

    var grown = system.inventory().volume(raw).orElseThrow();
    assertThat(grown.fileSystem().usage().sizeBytes()).isEqualTo(20 * GIB);
    assertThat(place.records("grow.file-system").getFirst().entry().reason())
        .contains("vg0/raw is larger than its file system");
  }

  @Test
  void aHalfGrownVolumeThatCannotBeFinishedStaysTrouble() throws Exception {
    var raw = system.thickVolume("vg0", "raw", 10 * GIB);
    system.apply(
        system.plan(new Change.ExtendVolume(raw, 20 * GIB, Change.WithFileSystem.LEAVE)),
        Progress.none());
    var settings = place.configure("growth:\n" + HOME).growth();
    var inventory = system.inventory();
    var seen = items(settings);
    system.unreliable(new Random(1), 1, EnumSet.of(Mishap.FAILS));
    growth.run(seen, inventory, place.time.instant());
    assertThat(troubles()).contains(Trouble.Kind.EXTENSION_FAILED);
    place.time.pass(Duration.ofSeconds(15));
    growth.run(seen, inventory, place.time.instant());
    assertThat(troubles()).contains(Trouble.Kind.EXTENSION_FAILED);

    system.reliable();
    place.time.pass(Duration.ofHours(1));
    growth.run(seen, inventory, place.time.instant());
    growth.run(items(settings), system.inventory(), place.time.instant());
    assertThat(troubles()).isEmpty();
  }

  @Test
  void aStoreGrowsBeforeItsSnapshotIsLost() throws Exception {
    var raw = system.thickVolume("vg0", "raw", 10 * GIB);
    system.apply(
        system.plan(
            new Change.CreateSnapshot(
                raw, "raw-snap", new Change.StoreSize.Bytes(GIB), true, true, new TreeSet<>())),
        Progress.none());
    system.write(raw, GIB * 3 / 4);
    var rules =
        """
          - name: stores
            store: vg0/*
            threshold: 70%
            step: 50%
        """;
    grow(rules);

    var store = system.inventory().volume("vg0/raw-snap").orElseThrow();
    assertThat(store.data().sizeBytes()).isEqualTo(GIB * 3 / 2);
    system.write(raw, 9 * GIB);
    assertThat(grow(rules).lines()).isEmpty();
  }

  @Test
  void whatHasFailedIsTriedAgainAfterAWhileThatDoubles() throws Exception {
    system.write(home, 8 * GIB + 1);
    var settings = place.configure("growth:\n" + POOLS).growth();
    var seen = items(settings);
    var inventory = system.inventory();
    system.unreliable(new Random(1), 1, EnumSet.of(Mishap.FAILS));
    for (var poll = 0; poll < 4 * 60; poll++) {
      growth.run(seen, inventory, place.time.instant());
      place.time.pass(Duration.ofSeconds(15));
    }
    // In an hour: at 0, 1, 3, 7, 15, 25, 35, 45 and 55 minutes.
    assertThat(place.results("grow.pool-data")).hasSize(9).containsOnly(AuditResult.FAILED);
    assertThat(place.troubles().of("host"))
        .singleElement()
        .satisfies(trouble -> assertThat(trouble.since()).isEqualTo(Workplace.START));

    system.reliable();
    place.time.pass(Duration.ofMinutes(10));
    growth.run(seen, inventory, place.time.instant());
    assertThat(troubles()).isEmpty();
  }

  @Test
  void aDryRunAddsNoDeviceAndGrowsNothing() throws Exception {
    system = new MemorySystem("host", place.time).group("vg0", 12 * GIB);
    system.thinPool("vg0", "thin", 10 * GIB, GIB / 2);
    home = system.thinVolume("thin", "home", 20 * GIB);
    system.write(home, 9 * GIB);
    var report =
        grow(growth(new DryHand(place.ledger())), POOLS + "    spareDevices: [/dev/spare]\n");

    assertThat(report.lines())
        .singleElement()
        .satisfies(
            line -> assertThat(line.upshot().words()).isEqualTo("would give /dev/spare to vg0"));
    assertThat(system.applied()).isEmpty();
    assertThat(place.results("grow.pool-data")).containsExactly(AuditResult.DRY_RUN);
  }

  @Test
  void aPoolThatTakesNoChangesIsNotExtended() throws Exception {
    system.write(home, 9 * GIB);
    system.setHealth("thin", new Health(Health.State.READ_ONLY, "its metadata needs a check"));
    grow(POOLS);

    assertThat(system.applied()).isEmpty();
    assertThat(place.troubles().of("host"))
        .anyMatch(trouble -> trouble.reason().contains("its metadata needs a check"));
  }

  @Test
  void theLatestFiguresCountAndNotTheInventorys() throws Exception {
    var old = system.inventory();
    system.write(home, 9 * GIB);
    var fresh = Fresher.of(old, system.usage());

    assertThat(fresh.pool("thin").orElseThrow().data().usedBytes()).isEqualTo(9 * GIB);
    assertThat(fresh.volume(home).orElseThrow().data().usedBytes()).isEqualTo(9 * GIB);
    assertThat(Fresher.of(old, List.of())).isEqualTo(old);
  }
}
