package io.lumeo.agent.runs;

import static io.lumeo.agent.Workplace.GIB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.agent.DryHand;
import io.lumeo.agent.Foresight;
import io.lumeo.agent.Hand;
import io.lumeo.agent.HostSetup;
import io.lumeo.agent.RealHand;
import io.lumeo.agent.RunRecord;
import io.lumeo.agent.Task;
import io.lumeo.agent.Trouble;
import io.lumeo.agent.Upshot;
import io.lumeo.agent.Workplace;
import io.lumeo.audit.AuditResult;
import io.lumeo.commands.Command;
import io.lumeo.commands.CommandFailure;
import io.lumeo.configuration.TrashSettings;
import io.lumeo.policies.RunKey;
import io.lumeo.policies.SnapshotTags;
import io.lumeo.storage.Change;
import io.lumeo.storage.Pool;
import io.lumeo.storage.Progress;
import io.lumeo.storage.StorageFailure;
import io.lumeo.storage.Volume;
import io.lumeo.testing.MemorySystem;
import io.lumeo.testing.MemorySystem.Mishap;
import io.lumeo.testing.ScriptedCommands;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Snapshots and retention of one host, from the configuration to what is on the host.
class ProtectionTest {
  @TempDir Path folder;
  private Workplace place;
  private MemorySystem system;
  private String home;
  private String mail;
  private Duration clockMoved = Duration.ZERO;
  private final Set<String> inspected = ConcurrentHashMap.newKeySet();
  private final List<String> hooks = new ArrayList<>();

  @BeforeEach
  void open() throws IOException {
    place = new Workplace(folder);
    system = new MemorySystem("host", place.time).group("vg0", 100 * GIB);
    system.thinPool("vg0", "thin", 50 * GIB, GIB);
    home = system.thinVolume("thin", "home", 10 * GIB);
    mail = system.thinVolume("thin", "mail", 10 * GIB);
  }

  @AfterEach
  void close() throws IOException {
    place.close();
  }

  private HostSetup host() {
    return Workplace.host(
        system,
        ScriptedCommands.answering(command -> {
          hooks.add(command.program());
          return command.program().endsWith("fails")
              ? ScriptedCommands.failure(3, "not now")
              : ScriptedCommands.success("");
        }));
  }

  private TrashSettings trashed = TrashSettings.standard();

  private Protection protection() {
    return protection(host());
  }

  private Protection protection(HostSetup host) {
    return new Protection(
        host,
        new RealHand(place.ledger(), place.time),
        place.ledger(),
        place.runs(),
        place.troubles(),
        Foresight.none(),
        place.time,
        () -> clockMoved,
        inspected,
        () -> trashed);
  }

  private List<PolicyTerms> policies(String policies) {
    return place.configure("policies:\n" + policies).policies().stream()
        .map(PolicyTerms::of)
        .toList();
  }

  private List<PolicyTerms> nightly() {
    return policies(
        """
          - id: nightly
            volumes:
              - name: home
            schedule: 0 1 * * *
            retention:
              daily: 3
              weekly: 0
              monthly: 0
        """);
  }

  private List<Volume> snapshots() throws StorageFailure {
    return Holdings.snapshotVolumes(system.inventory()).toList();
  }

  private List<String> names() throws StorageFailure {
    return snapshots().stream().map(Volume::name).toList();
  }

  private void at(String instant) {
    place.time.passUntil(Instant.parse(instant));
  }

  @Test
  void aPolicyMakesItsSnapshotWhenItIsDueAndOnlyOnce() throws Exception {
    var protection = protection();
    var terms = nightly();

    assertThat(protection.round(terms)).isEqualTo("2026-03-02T01:00:00Z");
    assertThat(snapshots()).isEmpty();
    at("2026-03-02T01:00:00Z");
    assertThat(protection.round(terms)).isEqualTo("2026-03-03T01:00:00Z");
    protection.round(terms);

    assertThat(snapshots())
        .singleElement()
        .satisfies(snapshot -> {
          assertThat(snapshot.name()).isEqualTo("home-nightly-20260302T010000Z");
          assertThat(snapshot.readOnly()).isTrue();
          assertThat(SnapshotTags.run(snapshot.tags()))
              .isEqualTo(new RunKey("nightly", Instant.parse("2026-03-02T01:00:00Z")));
        });
    assertThat(place.runs().lastSuccess(Task.snapshot("nightly"), "host"))
        .get()
        .satisfies(run -> {
          assertThat(run.scheduledAt()).isEqualTo("2026-03-02T01:00:00Z");
          assertThat(run.took()).contains(Duration.ZERO);
          assertThat(run.succeeded()).isTrue();
        });
  }

  @Test
  void aRestartMakesNoRunTwiceAndAccountsForThoseMissed() throws Exception {
    var terms = nightly();
    protection().round(terms);
    at("2026-03-02T01:00:00Z");
    protection().round(terms);
    place.restart();
    protection().round(terms);
    assertThat(names()).hasSize(1);

    at("2026-03-06T05:00:00Z");
    place.restart();
    protection().round(terms);

    assertThat(names())
        .containsExactly("home-nightly-20260302T010000Z", "home-nightly-20260306T010000Z");
    assertThat(place.runs().skipped(Task.snapshot("nightly"), "host")).isEqualTo(3);
    assertThat(place.records("snapshot.skip"))
        .singleElement()
        .satisfies(one -> {
          assertThat(one.entry().result()).isEqualTo(AuditResult.REFUSED);
          assertThat(one.entry().reason()).contains("3 missed");
        });
  }

  @Test
  void whatIsDeletedIsInTheTrashForAsLongAsIsConfigured() throws Exception {
    var terms = nightly();
    var protection = protection();
    trashed = place.configure("trash: {thin: 3h, classic: 0s}").trash();
    protection.round(terms);
    for (var day = 2; day <= 5; day++) {
      at("2026-03-0%dT01:00:00Z".formatted(day));
      protection.round(terms);
    }
    var until =
        system.inventory().volumes().stream()
            .flatMap(volume -> TrashTags.until(volume.tags()).stream())
            .toList();
    assertThat(until).containsExactly(Instant.parse("2026-03-05T04:00:00Z"));
  }

  @Test
  void whatIsNoLongerKeptGoesToTheTrashAndAfterADayForGood() throws Exception {
    var protection = protection();
    var terms = nightly();
    protection.round(terms);
    for (var day = 2; day <= 6; day++) {
      at("2026-03-0%dT01:00:00Z".formatted(day));
      protection.round(terms);
    }

    assertThat(names())
        .containsExactly(
            "home-nightly-20260304T010000Z",
            "home-nightly-20260305T010000Z",
            "home-nightly-20260306T010000Z");
    assertThat(place.results("snapshot.trash")).containsExactly(AuditResult.DONE, AuditResult.DONE);
    assertThat(place.records("snapshot.trash").getFirst().entry().reason())
        .contains("day 2026-03-02 is past the 3 daily that are kept");
    assertThat(place.results("trash.purge")).containsExactly(AuditResult.DONE);
    assertThat(place.runs().last(Task.retention("nightly"), "host"))
        .get()
        .matches(RunRecord::succeeded);
    at("2026-03-07T00:59:00Z");
    assertThat(system.inventory().volumes()).hasSize(2 + 3 + 1);
  }

  @Test
  void aDryRunSaysWhatTheRunThenDoes() throws Exception {
    var protection = protection();
    var terms = nightly();
    protection.round(terms);
    for (var day = 2; day <= 4; day++) {
      at("2026-03-0%dT01:00:00Z".formatted(day));
      protection.round(terms);
    }
    at("2026-03-05T01:00:00Z");
    var key = new RunKey("nightly", Instant.parse("2026-03-05T01:00:00Z"));
    var dry = run(new DryHand(place.ledger()), terms.getFirst(), key, Set.of(home));
    assertThat(dry.lines())
        .singleElement()
        .satisfies(line ->
            assertThat(line.upshot().words())
                .isEqualTo("would take the thin snapshot home-nightly-20260305T010000Z"));
    var gone =
        new RetentionRun(new DryHand(place.ledger()), TrashSettings::standard)
            .runAfter(dry, host(), terms.getFirst(), Set.of(), place.time.instant(), Duration.ZERO);
    assertThat(gone.lines())
        .as("it goes because of the new one")
        .extracting(RunReport.Line::object)
        .containsExactly("home-nightly-20260302T010000Z");
    assertThat(names()).hasSize(3);

    protection.round(terms);
    assertThat(names()).hasSize(3).last().isEqualTo("home-nightly-20260305T010000Z");
  }

  private RunReport run(Hand hand, PolicyTerms terms, RunKey key, Set<String> volumes)
      throws Exception {
    return new SnapshotRun(hand, place.ledger(), Foresight.none(), place.time)
        .run(host(), terms, key, new TreeSet<>(volumes));
  }

  @Test
  void whatSomebodyHoldsOrHasOpenOrVerifiesIsKept() throws Exception {
    var protection = protection();
    var terms = nightly();
    protection.round(terms);
    var restores =
        new Restores(new RealHand(place.ledger(), place.time), place.ledger(), "uid:0", "local");
    for (var day = 2; day <= 9; day++) {
      at("2026-03-0%dT01:00:00Z".formatted(day));
      protection.round(terms);
      var newest = snapshots().getLast();
      switch (day) {
        case 2 -> assertThat(restores.hold(host(), newest, "audit-2026").isGood()).isTrue();
        case 3 -> system.setOpen(newest.uuid(), true);
        case 4 -> inspected.add(newest.uuid());
        default -> {}
      }
    }
    assertThat(names()).hasSize(6);

    assertThat(restores.release(host(), snapshots().getFirst(), "audit-2026").isGood()).isTrue();
    system.setOpen(snapshots().get(1).uuid(), false);
    inspected.clear();
    place.time.pass(Duration.ofHours(1));
    protection.round(terms);
    assertThat(names()).hasSize(3);
    assertThat(place.results("snapshot.hold")).containsExactly(AuditResult.DONE);
    assertThat(restores.hold(host(), snapshots().getFirst(), "no way!"))
        .isInstanceOf(Upshot.Refused.class);
  }

  @Test
  void aSnapshotSaysWhichClassesItBegan() throws Exception {
    var protection = protection();
    var terms =
        policies(
            """
              - id: often
                volumes:
                  - name: home
                schedule: 0 */12 * * *
                retention:
                  last: 10
                  daily: 7
                  weekly: 4
                  monthly: 0
            """);
    protection.round(terms);
    for (var at : List.of("2026-03-02T00:00:00Z", "2026-03-02T12:00:00Z", "2026-03-03T00:00:00Z")) {
      at(at);
      protection.round(terms);
    }
    assertThat(snapshots().stream().map(one -> Holdings.facts(one, false).classes()))
        .as("on a Monday at midnight, at noon, and on the next day")
        .containsExactly(
            new TreeSet<>(Set.of("daily", "weekly")),
            new TreeSet<>(),
            new TreeSet<>(Set.of("daily")));
  }

  /// The volume was called otherwise, say: its snapshots still go by the policy's rules.
  @Test
  void whatAPolicyMadeIsRetainedAlthoughItSelectsNothingNow() throws Exception {
    var protection = protection();
    protection.round(nightly());
    for (var day = 2; day <= 4; day++) {
      at("2026-03-0%dT01:00:00Z".formatted(day));
      protection.round(nightly());
    }
    assertThat(place.runs().selected(Task.snapshot("nightly"), "host")).hasValue(1);
    assertThat(names()).hasSize(3);

    var renamed =
        policies(
            """
              - id: nightly
                volumes:
                  - name: houses
                schedule: 0 1 * * *
                retention:
                  daily: 2
                  weekly: 0
                  monthly: 0
            """);
    at("2026-03-05T01:00:00Z");
    protection.round(renamed);
    protection.round(renamed);

    assertThat(names())
        .containsExactly("home-nightly-20260303T010000Z", "home-nightly-20260304T010000Z");
    assertThat(place.runs().selected(Task.snapshot("nightly"), "host")).hasValue(0);
    assertThat(place.results("snapshot.trash")).containsExactly(AuditResult.DONE);
  }

  @Test
  void nothingIsDeletedWhileTheClockIsNotBelieved() throws Exception {
    var protection = protection();
    var terms = nightly();
    protection.round(terms);
    clockMoved = Duration.ofHours(7);
    for (var day = 2; day <= 6; day++) {
      at("2026-03-0%dT01:00:00Z".formatted(day));
      protection.round(terms);
    }
    assertThat(names()).hasSize(5);

    clockMoved = Duration.ZERO;
    place.time.pass(Duration.ofHours(1));
    protection.round(terms);
    assertThat(names()).hasSize(3);
  }

  @Test
  void hooksRunAroundTheSnapshotsAndThoseAfterWhateverHappens() throws Exception {
    var terms =
        policies(
            """
              - id: hooked
                volumes:
                  - name: home
                schedule: 0 1 * * *
                before:
                  - command: [/bin/one]
                  - command: [/bin/fails]
                  - command: [/bin/never]
                after:
                  - command: [/bin/fails]
                  - command: [/bin/last]
            """);
    protection().round(terms);
    at("2026-03-02T01:00:00Z");
    protection().round(terms);

    assertThat(hooks).containsExactly("/bin/one", "/bin/fails", "/bin/fails", "/bin/last");
    assertThat(snapshots()).isEmpty();
    assertThat(place.results("hook.before")).containsExactly(AuditResult.DONE, AuditResult.FAILED);
    assertThat(place.troubles().of("host"))
        .singleElement()
        .satisfies(trouble -> {
          assertThat(trouble.kind()).isEqualTo(Trouble.Kind.SNAPSHOT_FAILED);
          assertThat(trouble.reason()).contains("hook /bin/fails ended with status 3: not now");
        });
    assertThat(
            place
                .runs()
                .last(Task.snapshot("hooked"), "host")
                .orElseThrow()
                .end()
                .orElseThrow()
                .result())
        .isEqualTo(RunRecord.Result.FAILED);
  }

  @Test
  void aHookIsToldWhatItIsFor() throws Exception {
    var heard = new ArrayList<Command>();
    var host =
        Workplace.host(
            system,
            ScriptedCommands.answering(command -> {
              heard.add(command);
              throw new CommandFailure.TimedOut("it took too long");
            }));
    var terms =
        policies(
            """
              - id: hooked
                volumes:
                  - name: home
                schedule: 0 1 * * *
                before:
                  - command: [/bin/one, main]
                    deadline: 20s
            """);
    protection(host).round(terms);
    at("2026-03-02T01:00:00Z");
    protection(host).round(terms);

    assertThat(heard)
        .singleElement()
        .satisfies(command -> {
          assertThat(command.arguments()).containsExactly("/bin/one", "main");
          assertThat(command.deadline()).isEqualTo(Duration.ofSeconds(20));
          assertThat(command.environment())
              .containsEntry("LUMEO_POLICY", "hooked")
              .containsEntry("LUMEO_HOST", "host")
              .containsEntry("LUMEO_SCHEDULED", "2026-03-02T01:00:00Z");
        });
    assertThat(snapshots()).isEmpty();
  }

  private List<PolicyTerms> together() {
    return policies(
        """
          - id: pair
            together: true
            volumes:
              - name: home
              - name: mail
            schedule: 0 1 * * *
        """);
  }

  @Test
  void aGroupIsTakenTogetherOrNotAtAll() throws Exception {
    protection().round(together());
    at("2026-03-02T01:00:00Z");
    protection().round(together());
    assertThat(names()).containsExactly("home-pair-20260302T010000Z", "mail-pair-20260302T010000Z");

    // The name of the second is taken, so the first goes again.
    at("2026-03-03T00:00:00Z");
    system.thinVolume("thin", "mail-pair-20260303T010000Z", GIB);
    at("2026-03-03T01:00:00Z");
    protection().round(together());
    assertThat(names()).hasSize(2);
    assertThat(place.records("snapshot.trash").getLast().entry().reason())
        .contains("its group is not complete: vg0/mail failed");
  }

  @Test
  void aGroupIsMadeAnewAfterACrashWhileItWasTakenBack() throws Exception {
    var terms = together();
    protection().round(terms);
    at("2026-03-02T01:00:00Z");
    var scheduled = place.time.instant();
    place.runs().begin(Task.snapshot("pair"), "host", scheduled, scheduled, scheduled);
    var hand = new RealHand(place.ledger(), place.time);
    run(hand, terms.getFirst(), new RunKey("pair", scheduled), Set.of(home));
    var trash = new Change.Trash(snapshots().getFirst().uuid(), Duration.ZERO);
    system.apply(system.plan(trash), Progress.none());
    place.restart();
    protection().round(terms);

    assertThat(names()).containsExactly("home-pair-20260302T010000Z", "mail-pair-20260302T010000Z");
    assertThat(place.runs().last(Task.snapshot("pair"), "host").orElseThrow().succeeded()).isTrue();
  }

  @Test
  void aGroupOfWhichOneIsRefusedIsNotBegun() throws Exception {
    system.thickVolume("vg0", "raw", GIB);
    var terms =
        policies(
            """
              - id: pair
                together: true
                volumes:
                  - name: home
                  - name: raw
                schedule: 0 1 * * *
                snapshot:
                  kind: thin
                before:
                  - command: [/bin/one]
            """);
    protection().round(terms);
    at("2026-03-02T01:00:00Z");
    protection().round(terms);

    assertThat(names()).isEmpty();
    assertThat(hooks).isEmpty();
    assertThat(place.results("snapshot.create"))
        .containsExactly(AuditResult.REFUSED, AuditResult.REFUSED);
  }

  @Test
  void aClassicSnapshotIsSizedAndLimitedPerOrigin() throws Exception {
    var raw = system.thickVolume("vg0", "raw", 10 * GIB);
    var terms =
        policies(
            """
              - id: raw
                volumes:
                  - name: raw
                schedule: 0 * * * *
                retention:
                  last: 5
                  daily: 0
                  weekly: 0
                  monthly: 0
                snapshot:
                  kind: classic
                  perOrigin: 2
                  storeMaximum: 1GiB
            """);
    protection().round(terms);
    for (var hour = 13; hour <= 15; hour++) {
      at("2026-03-01T%d:00:00Z".formatted(hour));
      protection().round(terms);
    }

    assertThat(snapshots())
        .hasSize(2)
        .allSatisfy(snapshot -> {
          assertThat(snapshot.kind()).isEqualTo(Volume.Kind.CLASSIC_SNAPSHOT);
          assertThat(snapshot.data().sizeBytes()).isEqualTo(GIB);
          assertThat(snapshot.origin()).isEqualTo(raw);
        });
    assertThat(place.results("snapshot.create").getLast()).isEqualTo(AuditResult.REFUSED);
    assertThat(place.records("snapshot.create").getLast().entry().reason())
        .contains("raw has 2 classic snapshots");
  }

  @Test
  void whatCannotBeTakenIsForeseen() throws Exception {
    var choices =
        List.of(
            refusal("kind: classic", "home", "home is thin"),
            refusal("kind: thin", "raw", "raw takes no thin snapshots"));
    assertThat(choices).allMatch(SnapshotChoice.Refused.class::isInstance);

    system.setSelfExtension("thin", new Pool.SelfExtension(70, 20, true, null));
    system.write(home, 8 * GIB);
    system.write(mail, 10 * GIB);
    for (var i = 0; i < 20; i++) {
      system.write(home, GIB);
    }
    assertThat(((SnapshotChoice.Refused) choice("kind: auto", "home", "")).reason())
        .contains("over 70 %, where LVM extends it");
  }

  private SnapshotChoice refusal(String kind, String volume, String words) throws Exception {
    if (system.inventory().volume("vg0/raw").isEmpty()) {
      system.thickVolume("vg0", "raw", GIB);
    }
    var choice = choice(kind, volume, "");
    assertThat(((SnapshotChoice.Refused) choice).reason()).contains(words);
    return choice;
  }

  private SnapshotChoice choice(String snapshot, String volume, String more) throws Exception {
    var terms =
        policies(
                """
                  - id: p
                    volumes:
                      - name: %s
                    schedule: 0 1 * * *
                    snapshot:
                      %s
                %s
                """
                    .formatted(volume, snapshot, more))
            .getFirst();
    var inventory = system.inventory();
    return SnapshotChoice.of(
        new SnapshotChoice.Question(
            terms,
            new RunKey("p", Instant.parse("2026-03-02T01:00:00Z")),
            inventory,
            inventory.volume("vg0/" + volume).orElseThrow(),
            java.util.OptionalLong.of(GIB / 24),
            place.time.instant()));
  }

  @Test
  void aStoreFollowsTheRateOfChangeSeenUnlessItIsConfigured() throws Exception {
    system.thickVolume("vg0", "raw", 10 * GIB);

    // GIB a day, two snapshots of a day each at most, twice that for safety.
    assertThat(((SnapshotChoice.Make) choice("kind: auto", "raw", "")).change().store())
        .isEqualTo(new Change.StoreSize.Bytes(4 * GIB));
    assertThat(((SnapshotChoice.Make) choice("store: 10%", "raw", "")).change().store())
        .isEqualTo(new Change.StoreSize.Bytes(GIB));
    assertThat(((SnapshotChoice.Make) choice("store: 10%", "raw", "")).reason())
        .contains("10 % as configured");
  }

  @Test
  void theOldestIsDeletedForGoodWhenTooLittleIsFree() throws Exception {
    var terms =
        policies(
            """
              - id: nightly
                volumes:
                  - name: home
                schedule: 0 1 * * *
                minimumFree:
                  amount: 50%
                  action: delete-oldest
            """);
    protection().round(terms);
    for (var day = 2; day <= 5; day++) {
      at("2026-03-0%dT01:00:00Z".formatted(day));
      protection().round(terms);
    }
    assertThat(names()).hasSize(4);
    for (var i = 0; i < 26; i++) {
      system.write(home, GIB);
    }
    at("2026-03-06T01:00:00Z");
    protection().round(terms);

    // Nothing became free, so it went on down to the minimum of 2 and then refused.
    assertThat(names()).hasSize(2).first().isEqualTo("home-nightly-20260304T010000Z");
    assertThat(place.results("trash.purge")).containsExactly(AuditResult.DONE, AuditResult.DONE);
    assertThat(place.records("snapshot.create").getLast().entry().reason())
        .contains("it has no snapshot to spare");

    var dry =
        run(
            new DryHand(place.ledger()),
            terms.getFirst(),
            new RunKey("nightly", Instant.parse("2026-03-07T01:00:00Z")),
            Set.of(home));
    assertThat(dry.result()).isEqualTo(RunRecord.Result.REFUSED);
  }

  @Test
  void aHostThatDoesNotAnswerKeepsWhatIsDue() throws Exception {
    var terms = nightly();
    protection().round(terms);
    at("2026-03-02T01:00:00Z");
    system.unreliable(new Random(1), 1, EnumSet.of(Mishap.IS_NOT_REACHED));
    assertThatThrownBy(() -> protection().round(terms))
        .isInstanceOf(StorageFailure.Unreachable.class);
    system.reliable();
    place.time.pass(Duration.ofMinutes(10));
    protection().round(terms);

    assertThat(names()).containsExactly("home-nightly-20260302T010000Z");
  }

  @Test
  void aRunThatACrashInterruptedIsGoneOnWith() throws Exception {
    var terms =
        policies(
            """
              - id: two
                volumes:
                  - name: home
                  - name: mail
                schedule: 0 1 * * *
                before:
                  - command: [/bin/stop]
                after:
                  - command: [/bin/go]
            """);
    protection().round(terms);
    at("2026-03-02T01:00:00Z");
    var calls = new int[1];
    var crashing =
        Workplace.host(
            system,
            ScriptedCommands.answering(command -> {
              hooks.add(command.program());
              if (calls[0]++ == 0) {
                return ScriptedCommands.success("");
              }
              throw new AssertionError("the process ends here");
            }));
    assertThatThrownBy(() -> protection(crashing).round(terms)).isInstanceOf(AssertionError.class);
    assertThat(names()).hasSize(2);
    assertThat(place.runs().underWay("host")).hasSize(1);
    place.restart();
    hooks.clear();
    protection().round(terms);

    assertThat(names()).hasSize(2);
    assertThat(place.runs().underWay("host")).isEmpty();
    assertThat(place.runs().latest(Task.snapshot("two"), "host", 9)).hasSize(1);
    // Whoever was stopped is let go on, although there was nothing left to take.
    assertThat(hooks).containsExactly("/bin/go");
  }

  @Test
  void aRunThatWasInterruptedTooLongAgoIsEndedAndItsHooksAfterRun() throws Exception {
    var terms =
        policies(
            """
              - id: old
                volumes:
                  - name: home
                schedule: 0 1 * * *
                catchUp: 1h
                after:
                  - command: [/bin/go]
            """);
    var task = Task.snapshot("old");
    protection().round(terms);
    var scheduled = Instant.parse("2026-03-02T01:00:00Z");
    at("2026-03-02T01:00:00Z");
    place.runs().begin(task, "host", scheduled, place.time.instant(), scheduled);
    at("2026-03-02T05:00:00Z");
    protection().round(terms);

    assertThat(names()).isEmpty();
    assertThat(hooks).containsExactly("/bin/go");
    assertThat(place.runs().last(task, "host").orElseThrow().end().orElseThrow())
        .satisfies(end -> {
          assertThat(end.result()).isEqualTo(RunRecord.Result.FAILED);
          assertThat(end.detail()).contains("too late to be gone on with");
        });

    place.runs().begin(Task.snapshot("gone"), "host", scheduled, scheduled, scheduled);
    protection().round(terms);
    assertThat(
            place
                .runs()
                .last(Task.snapshot("gone"), "host")
                .orElseThrow()
                .end()
                .orElseThrow()
                .detail())
        .contains("its policy is gone");
  }

  @Test
  void cleanUpThatFailsIsTroubleUntilItSucceeds() throws Exception {
    var protection = protection();
    var terms = nightly();
    protection.round(terms);
    for (var day = 2; day <= 4; day++) {
      at("2026-03-0%dT01:00:00Z".formatted(day));
      protection.round(terms);
    }
    // Its own tag is gone, so the system takes it for somebody else's and does not remove it.
    var failing = new FailingTrash(system);
    at("2026-03-05T01:00:00Z");
    protection(Workplace.host(failing)).round(terms);
    assertThat(place.troubles().of("host"))
        .singleElement()
        .satisfies(trouble -> assertThat(trouble.kind()).isEqualTo(Trouble.Kind.CLEAN_UP_FAILED));
    assertThat(names()).hasSize(4);

    place.time.pass(Duration.ofHours(1));
    protection.round(terms);
    assertThat(place.troubles().of("host")).isEmpty();
    assertThat(names()).hasSize(3);
  }

  @Test
  void aPolicyThatIsOffDoesNothing() throws Exception {
    var terms =
        policies(
            """
              - id: off
                enabled: false
                volumes:
                  - name: home
                schedule: 0 1 * * *
            """);
    assertThat(protection().round(terms)).isEqualTo(Instant.MAX);
    at("2026-03-05T01:00:00Z");
    assertThat(protection().round(terms)).isEqualTo(Instant.MAX);
    assertThat(names()).isEmpty();
  }

  @Test
  void aPolicyForOtherHostsOrVolumesIsNotThisOnes() throws Exception {
    var terms =
        policies(
            """
              - id: others
                volumes:
                  - name: nothing
                  - pool: vg0
                except:
                  - pool: thin
                schedule: 0 1 * * *
            """);
    assertThat(protection().round(terms)).isEqualTo(Instant.MAX);
    assertThat(place.runs().firstSeen(Task.snapshot("others"), "host")).isEmpty();
  }

  @Test
  void restoresAreMadeAndRecordedInTheNameOfWhoWantsThem() throws Exception {
    var terms = nightly();
    protection().round(terms);
    system.write(home, GIB);
    at("2026-03-02T01:00:00Z");
    protection().round(terms);
    system.write(home, GIB);
    var inventory = system.inventory();
    var volume = inventory.volume(home).orElseThrow();
    var snapshot = snapshots().getFirst();
    var restores =
        new Restores(new RealHand(place.ledger(), place.time), place.ledger(), "uid:0", "local");

    assertThat(restores.toNewVolume(host(), snapshot, "home-as-it-was", Progress.none()).isGood())
        .isTrue();
    assertThat(
            restores
                .files(
                    host(), snapshot, List.of("/etc/passwd"), Path.of("/tmp/out"), Progress.none())
                .copied())
        .containsExactly("/tmp/out/passwd");
    assertThat(
            restores
                .inPlace(host(), volume, snapshot, true, place.time.instant(), Progress.none())
                .isGood())
        .isTrue();

    assertThat(names()).contains("home-before-restore-20260302T010000Z", snapshot.name());
    assertThat(system.inventory().volume(home).orElseThrow().fileSystem().usage().usedBytes())
        .isEqualTo(GIB);
    assertThat(place.records("snapshot.restore").getFirst().entry().actor()).isEqualTo("uid:0");
    assertThat(place.results("snapshot.copy-out")).containsExactly(AuditResult.DONE);

    var dry = new Restores(new DryHand(place.ledger()), place.ledger(), "uid:0", "local");
    assertThat(
            dry.files(host(), snapshot, List.of("/x"), Path.of("/tmp"), Progress.none()).copied())
        .isEmpty();
    var gone = system.inventory().volume("vg0/home-as-it-was").orElseThrow();
    system.unreliable(new Random(1), 1, EnumSet.of(Mishap.IS_NOT_REACHED));
    assertThatThrownBy(
            () -> restores.files(host(), gone, List.of("/x"), Path.of("/tmp"), Progress.none()))
        .isInstanceOf(StorageFailure.Unreachable.class);
    assertThat(place.results("snapshot.copy-out"))
        .containsExactly(AuditResult.DONE, AuditResult.DRY_RUN, AuditResult.FAILED);
  }
}
